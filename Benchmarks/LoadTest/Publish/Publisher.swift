/// What one publishing connection owes: messages that were sent and have no receipt yet, oldest
/// first, and when to come back after the connection was lost.
struct Publisher: Sendable {
    /// A message on its way. Its key is its text and its idempotency key, its number its receipt.
    struct Message: Hashable, Sendable {
        let room: String
        let key: String
        var number: Int64 = 0
    }

    private(set) var unacknowledged: [Message] = []
    /// When to connect again, in microseconds of the monotonic clock; nil: connected, or about to be.
    private(set) var reconnectAtUs: Int64?
    private var lossCount = 0

    /// Messages that may wait for receipts; beyond it none is sent.
    static let unacknowledgedMax = 256
    /// The first delay before connecting again, and the longest, in microseconds. Each is cut
    /// at random by up to a half, so that publishers don't all come back at once.
    private static let backOffUs: Int64 = 50_000
    private static let backOffMaxUs: Int64 = 2_000_000

    /// Whether another message may be sent.
    var hasRoom: Bool { unacknowledged.count < Self.unacknowledgedMax }

    /// Takes note of a message that is sent for the first time.
    mutating func send(_ message: Message) {
        unacknowledged.append(message)
    }

    /// Takes a message off that has its receipt; nil for a key that is not waited for.
    mutating func acknowledge(_ key: String) -> Message? {
        guard let index = unacknowledged.firstIndex(where: { $0.key == key }) else { return nil }
        return unacknowledged.remove(at: index)
    }

    /// The connection is there; what is unacknowledged is to be sent again, in its order.
    mutating func connected() {
        lossCount = 0
    }

    /// The connection is gone, or could not be made: chooses when to try again.
    mutating func lost(atUs nowUs: Int64, using generator: inout some RandomNumberGenerator) {
        let delayUs = min(Self.backOffMaxUs, Self.backOffUs << Int64(min(lossCount, 10)))
        lossCount += 1
        reconnectAtUs = nowUs + .random(in: delayUs / 2...delayUs, using: &generator)
    }

    /// Whether it is time to connect again; true once for each loss.
    mutating func shouldReconnect(atUs nowUs: Int64) -> Bool {
        guard let dueUs = reconnectAtUs, dueUs <= nowUs else { return false }
        reconnectAtUs = nil
        return true
    }
}
