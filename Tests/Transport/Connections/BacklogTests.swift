import Engine
import Testing

@testable import Transport

struct BacklogTests {
    private static let room = RoomKey(rawValue: 1, isEphemeral: true)
    private static let other = RoomKey(rawValue: 2, isEphemeral: true)

    private static func wire(_ id: String) -> SubscriptionWire {
        SubscriptionWire(
            id: id, destination: "/topic/a", isAcknowledged: false, epoch: Epoch(rawValue: 7))
    }

    private static func event(
        _ offset: UInt64, by sender: Int64, type: String = "typing", bytes: Int = 10
    ) -> Publication {
        Publication(
            offset: offset, sender: UserID(sender), senderName: "", contentType: type,
            body: Array(repeating: 120, count: bytes), timestampMs: 0)
    }

    private static func lines(_ backlog: Backlog) -> [String] {
        var lines: [String] = []
        backlog.release { lines.append("\($1.id) \($0.offset)") }
        return lines
    }

    @Test func `of one room, sender and content type the newest wins, in its own place`() {
        var backlog = Backlog()
        let wire = Self.wire("s")
        backlog.join(Self.event(1, by: 1), of: Self.room, for: wire)
        backlog.join(Self.event(2, by: 2), of: Self.room, for: wire)
        backlog.join(Self.event(3, by: 1, type: "read"), of: Self.room, for: wire)
        backlog.join(Self.event(4, by: 1), of: Self.room, for: wire)
        backlog.join(Self.event(5, by: 2), of: Self.room, for: Self.wire("s"))
        #expect(Self.lines(backlog) == ["s 3", "s 4", "s 5"])
    }

    @Test func `rooms and subscriptions are kept apart`() {
        var backlog = Backlog()
        backlog.join(Self.event(1, by: 1), of: Self.room, for: Self.wire("s"))
        backlog.join(Self.event(1, by: 1), of: Self.room, for: Self.wire("t"))
        backlog.join(Self.event(1, by: 1), of: Self.other, for: Self.wire("s"))
        #expect(Self.lines(backlog) == ["s 1", "t 1", "s 1"])
    }

    @Test func `what belongs to a subscription that ended is gone`() {
        var backlog = Backlog()
        backlog.join(Self.event(1, by: 1), of: Self.room, for: Self.wire("s"))
        backlog.join(Self.event(1, by: 1), of: Self.room, for: Self.wire("t"))
        backlog.join(Self.event(1, by: 1), of: Self.other, for: Self.wire("s"))
        backlog.leave(Self.room, Self.wire("s"))
        #expect(Self.lines(backlog) == ["t 1", "s 1"])
    }

    @Test func `a kind too many is dropped, a newer event of a known kind is not`() {
        var backlog = Backlog()
        let wire = Self.wire("s")
        for sender in 1...100 {
            backlog.join(
                Self.event(UInt64(sender), by: Int64(sender)), of: Self.room, for: wire)
        }
        backlog.join(Self.event(200, by: 5), of: Self.room, for: wire)
        let lines = Self.lines(backlog)
        #expect(lines.count == Backlog.kindsMax)
        #expect(lines.last == "s 200")
        #expect(lines.first == "s 1")
        #expect(!lines.contains("s 5"))
    }

    @Test func `bodies too large together are dropped`() {
        var backlog = Backlog()
        for sender in 1...5 {
            backlog.join(
                Self.event(UInt64(sender), by: Int64(sender), bytes: Backlog.bytesMax / 3),
                of: Self.room, for: Self.wire("s"))
        }
        #expect(Self.lines(backlog) == ["s 1", "s 2", "s 3"])
    }
}
