import Testing

@testable import LoadTest

struct OpeningTests {
    @Test func `spreads clients evenly over the ramp`() {
        var opening = Opening(10..<14, startUs: 100, rampUpUs: 400, connectingMax: 10)
        let opened = stride(from: 100, through: 500, by: 50).map { us in
            opening.takeNext(connectingCount: 0, atUs: Int64(us))
        }
        #expect(opened == [10, nil, 11, nil, 12, nil, 13, nil, nil])
    }

    @Test func `lets only so many connect at a time`() {
        var opening = Opening(0..<3, startUs: 0, rampUpUs: 0, connectingMax: 2)
        let opened = [0, 1, 2, 1, 0].map { opening.takeNext(connectingCount: $0, atUs: 0) }
        #expect(opened == [0, 1, nil, 2, nil])
    }
}
