import Engine
import Testing

@testable import Transport

/// Ten thousand idle connections hold ten thousand of these.
struct IdleConnectionTests {
    @Test func `what a silent connection keeps is small`() {
        #expect(MemoryLayout<Slot>.stride <= 56)
        #expect(MemoryLayout<Pulse>.size <= 8)
        #expect(MemoryLayout<WebSocketParser>.size <= 48)
    }

    @Test func `members with equal subscriptions share one`() {
        let audience = Audience(of: RoomKey(rawValue: 1))
        let first = audience.add(1, form: Self.form(id: "s"))
        let second = audience.add(2, form: Self.form(id: "s"))
        let third = audience.add(3, form: Self.form(id: "t"))
        #expect(second.subscription === first.subscription)
        #expect(third.subscription !== first.subscription)
        #expect(audience.groups.map(\.members) == [[1, 2], [3]])
    }

    private static func form(id: String) -> Audience.Form {
        Audience.Form(
            framing: .webSocket, version: .v12,
            subscription: SubscriptionWire(
                id: id, destination: "/topic/a", isAcknowledged: false, epoch: Epoch(rawValue: 1)))
    }
}
