import Engine
import Testing

@testable import App

struct StreamPlacesTests {
    @Test func `a user has so many places, each for as long as it is kept`() {
        let places = StreamPlaces(perUserMax: 2)
        let first = places.take(UserID(1))
        var second = places.take(UserID(1))
        #expect(first != nil && second != nil)
        #expect(places.take(UserID(1)) == nil)
        #expect(places.take(UserID(2)) != nil)
        second = nil
        second = places.take(UserID(1))
        #expect(second != nil)
        withExtendedLifetime((first, second)) { #expect(places.take(UserID(1)) == nil) }
    }

    @Test func `without a bound there is always another`() {
        let places = StreamPlaces(perUserMax: 0)
        let taken = (0..<1_000).compactMap { _ in places.take(UserID(1)) }
        #expect(taken.count == 1_000)
    }

    @Test func `nothing is remembered of who has left`() {
        let places = StreamPlaces(perUserMax: 2)
        do {
            let place = places.take(UserID(1))
            withExtendedLifetime(place) { #expect(places.userCount == 1) }
        }
        #expect(places.userCount == 0)
    }
}
