import Testing

@testable import Engine

struct SubscriptionTests {
    @Test func `is small, since every member of every room has one`() {
        #expect(MemoryLayout<Subscription>.stride <= 24)
    }

    @Test func `what shows in messages is equal by content`() {
        #expect(Self.wire() == Self.wire())
        #expect(Self.wire().hashValue == Self.wire().hashValue)
        #expect(Self.wire() != Self.wire(id: "t"))
        #expect(Self.wire() != Self.wire(destination: "/topic/b"))
        #expect(Self.wire() != Self.wire(isAcknowledged: true))
        #expect(Self.wire() != Self.wire(epoch: 2))
    }

    private static func wire(
        id: String = "s", destination: String = "/topic/a", isAcknowledged: Bool = false,
        epoch: UInt64 = 1
    ) -> SubscriptionWire {
        SubscriptionWire(
            id: id, destination: destination, isAcknowledged: isAcknowledged,
            epoch: Epoch(rawValue: epoch))
    }
}
