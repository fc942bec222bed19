/// What one end says of heart-beats in its `heart-beat` header: how often it can send and how often
/// it wants to hear, in milliseconds, 0 for not at all (STOMP 1.2, Heart-beating).
public struct HeartBeat: Sendable, Hashable {
    public let sendMs: Int
    public let expectMs: Int

    public static let none = HeartBeat(sendMs: 0, expectMs: 0)

    public init(sendMs: Int, expectMs: Int) {
        precondition(sendMs >= 0 && expectMs >= 0, "A heart-beat interval is not negative.")
        self.sendMs = sendMs
        self.expectMs = expectMs
    }

    /// Reads `cx,cy`; nil unless both are decimal numbers of at most nine digits. An absent header
    /// means `none`.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard parts.count == 2,
            let sendMs = Self.milliseconds(parts[0]), let expectMs = Self.milliseconds(parts[1])
        else { return nil }
        self.init(sendMs: sendMs, expectMs: expectMs)
    }

    /// `cx,cy`, as the header carries it.
    public var text: String { "\(sendMs),\(expectMs)" }

    /// What this end does after the two headers were exchanged: an interval holds in a direction
    /// where the sender can and the receiver wants, and is then the longer of the two.
    public func negotiated(with peer: HeartBeat) -> Agreement {
        Agreement(
            send: Self.interval(sendMs, peer.expectMs),
            expect: Self.interval(peer.sendMs, expectMs))
    }

    /// The intervals that hold on a connection, seen from one end; nil: none in that direction.
    public struct Agreement: Sendable, Hashable {
        /// Something must be sent at least this often.
        public let send: Duration?
        /// The peer has promised to be heard at least this often.
        public let expect: Duration?

        public init(send: Duration?, expect: Duration?) {
            self.send = send
            self.expect = expect
        }

        /// The silence after which the peer counts as gone: twice the promised interval. The
        /// specification asks receivers for a margin because of timing inaccuracies and leaves its
        /// size open; with twice the interval a heart-beat may be late by a whole one.
        public var silenceMax: Duration? { expect.map { $0 * 2 } }
    }

    private static func interval(_ canMs: Int, _ wantsMs: Int) -> Duration? {
        canMs == 0 || wantsMs == 0 ? nil : .milliseconds(max(canMs, wantsMs))
    }

    private static func milliseconds(_ digits: Substring.UTF8View) -> Int? {
        guard (1...9).contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
