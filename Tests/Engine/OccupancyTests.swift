import Testing

@testable import Engine

struct OccupancyTests {
    private let mina = Member(user: UserID(7), name: "Mina")
    private let otto = Member(user: UserID(3), name: "Otto")

    /// The absence that a departure with grace began.
    private func absence(
        of user: UserID, from occupancy: inout Occupancy
    ) throws -> Occupancy.Absence {
        let leaving = occupancy.leave(user, .withGrace)
        guard case .absent(let absence) = leaving else {
            throw Unexpected(leaving: leaving)
        }
        return absence
    }

    private struct Unexpected: Error {
        let leaving: Occupancy.Leaving
    }

    @Test func `the first subscription of each user is news, the others are not`() {
        var occupancy = Occupancy()
        #expect(occupancy.isEmpty)
        #expect(occupancy.enter(mina) == .news)
        #expect(occupancy.enter(mina) == .known)
        #expect(occupancy.enter(otto) == .news)
        #expect(!occupancy.isEmpty)
    }

    @Test func `a new name is news`() {
        var occupancy = Occupancy()
        _ = occupancy.enter(mina)
        let renamed = Member(user: mina.user, name: "Mina the cat")
        #expect(occupancy.enter(renamed) == .news)
        #expect(occupancy.enter(renamed) == .known)
        #expect(occupancy.leave(mina.user, .atOnce) == .stays)
    }

    @Test func `who is there can be given another name`() {
        var occupancy = Occupancy()
        let renamed = Member(user: mina.user, name: "Mina the cat")
        #expect(occupancy.rename(renamed) == .known)
        #expect(occupancy.isEmpty)
        _ = occupancy.enter(mina)
        #expect(occupancy.rename(renamed) == .news)
        #expect(occupancy.rename(renamed) == .known)
        #expect(occupancy.enter(renamed) == .known)
    }

    @Test func `who has another subscription stays`() throws {
        var occupancy = Occupancy()
        _ = occupancy.enter(mina)
        _ = occupancy.enter(mina)
        #expect(occupancy.leave(mina.user, .withGrace) == .stays)
        _ = try absence(of: mina.user, from: &occupancy)
    }

    @Test func `who does not come back is gone when the grace is over, once`() throws {
        var occupancy = Occupancy()
        _ = occupancy.enter(mina)
        let absence = try absence(of: mina.user, from: &occupancy)
        #expect(!occupancy.isEmpty)
        #expect(occupancy.end(absence) == .gone)
        #expect(occupancy.isEmpty)
        #expect(occupancy.enter(mina) == .news)
        #expect(occupancy.end(absence) == .stays)
    }

    @Test func `who comes back within the grace was never away`() throws {
        var occupancy = Occupancy()
        _ = occupancy.enter(mina)
        let absence = try absence(of: mina.user, from: &occupancy)
        #expect(occupancy.enter(mina) == .known)
        #expect(occupancy.end(absence) == .stays)
        #expect(!occupancy.isEmpty)
    }

    @Test func `the grace of an earlier absence does not end a later one`() throws {
        var occupancy = Occupancy()
        _ = occupancy.enter(mina)
        let first = try absence(of: mina.user, from: &occupancy)
        _ = occupancy.enter(mina)
        let second = try absence(of: mina.user, from: &occupancy)
        #expect(occupancy.end(first) == .stays)
        #expect(!occupancy.isEmpty)
        #expect(occupancy.end(second) == .gone)
    }

    @Test func `who is sent out is gone at once`() {
        var occupancy = Occupancy()
        _ = occupancy.enter(mina)
        _ = occupancy.enter(mina)
        #expect(occupancy.leave(mina.user, .atOnce) == .stays)
        #expect(occupancy.leave(mina.user, .atOnce) == .gone)
        #expect(occupancy.isEmpty)
    }

    @Test func `the grace of a visit before somebody was sent out ends no later absence`() throws {
        var occupancy = Occupancy()
        _ = occupancy.enter(mina)
        let early = try absence(of: mina.user, from: &occupancy)
        _ = occupancy.enter(mina)
        #expect(occupancy.leave(mina.user, .atOnce) == .gone)
        #expect(occupancy.enter(mina) == .news)
        #expect(occupancy.end(early) == .stays)
        let late = try absence(of: mina.user, from: &occupancy)
        #expect(occupancy.end(early) == .stays)
        #expect(occupancy.end(late) == .gone)
    }

    @Test func `one user's leaving is not another's`() throws {
        var occupancy = Occupancy()
        _ = occupancy.enter(mina)
        _ = occupancy.enter(otto)
        let absence = try absence(of: otto.user, from: &occupancy)
        #expect(occupancy.end(absence) == .gone)
        #expect(occupancy.enter(mina) == .known)
    }
}
