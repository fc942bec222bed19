/// A command of a link's user that waits for its reply.
struct RedisCall: Sendable {
    enum Content: Sendable {
        case script(RedisScript, keys: [[UInt8]], arguments: [[UInt8]])
        case command([[UInt8]])
    }

    let content: Content
    let isWrite: Bool
    let reply: RedisLink.Reply

    /// About as many as the call holds until it is answered.
    var bytes: Int {
        let overheadBytes = 128
        switch content {
        case .script(_, let keys, let arguments):
            return Self.bytes(keys) + Self.bytes(arguments) + overheadBytes
        case .command(let command):
            return Self.bytes(command) + overheadBytes
        }
    }

    private static func bytes(_ parts: [[UInt8]]) -> Int {
        parts.reduce(0) { $0 + $1.count + 32 }
    }
}

/// What was sent over a connection for commands and isn't answered, in order: Redis answers in the
/// order of the commands.
///
/// Where writes are to be confirmed by replicas, their replies are held until a `WAIT` that was sent
/// behind them is answered. One is under way at a time, for all writes before it, since Redis does
/// nothing else for the connection meanwhile.
struct RedisCalls {
    enum Entry: Sendable {
        case greeting
        case probe
        case call(RedisCall)
        case confirmation
    }

    /// A write that was performed, and whose reply waits for the replicas.
    struct Held: Sendable {
        let call: RedisCall
        let value: RedisValue
    }

    private var entries: [Entry] = []
    /// Where the oldest entry stands.
    private var first = 0
    private var held: [Held] = []
    private var isConfirming = false
    private var hasUnconfirmed = false
    /// Of calls that their users haven't heard of.
    private var callCount = 0
    private var callBytes = 0

    private let callCountMax: Int
    private let callBytesMax: Int

    /// Takes calls up to these bounds.
    init(callCountMax: Int = 65_536, callBytesMax: Int = 64 * 1024 * 1024) {
        self.callCountMax = callCountMax
        self.callBytesMax = callBytesMax
    }

    /// Whether there is room for a call; a single one always has it, whatever its size.
    func admits(_ call: RedisCall) -> Bool {
        callCount == 0
            || callCount < callCountMax && callBytes + call.bytes <= callBytesMax
    }

    /// A user's call is being sent.
    mutating func sent(_ call: RedisCall) {
        callCount += 1
        callBytes += call.bytes
        if call.isWrite { hasUnconfirmed = true }
        entries.append(.call(call))
    }

    /// A call that was answered is sent once more, in another form.
    mutating func sentAgain(_ call: RedisCall) {
        if call.isWrite { hasUnconfirmed = true }
        entries.append(.call(call))
    }

    /// One of the link's own commands is being sent.
    mutating func sent(_ entry: Entry) {
        entries.append(entry)
    }

    /// What the next reply answers; nil where nothing waits for one.
    mutating func answered() -> Entry? {
        guard first < entries.count else { return nil }
        let entry = entries[first]
        entries[first] = .greeting
        first += 1
        if first == entries.count {
            entries.removeAll(keepingCapacity: entries.capacity <= Self.capacityKept)
            first = 0
        } else if first >= Self.capacityKept, first * 2 > entries.count {
            entries.removeFirst(first)
            first = 0
        }
        return entry
    }

    /// The call's user is about to hear of it.
    mutating func finished(_ call: RedisCall) {
        callCount -= 1
        callBytes -= call.bytes
    }

    // MARK: Confirmation by replicas

    /// Holds the reply of a write until it is confirmed.
    mutating func hold(_ call: RedisCall, _ value: RedisValue) {
        held.append(Held(call: call, value: value))
    }

    /// Whether a `WAIT` is to be sent now: it counts as sent.
    mutating func beginConfirming() -> Bool {
        guard hasUnconfirmed, !isConfirming else { return false }
        hasUnconfirmed = false
        isConfirming = true
        entries.append(.confirmation)
        return true
    }

    /// A `WAIT` was answered: what was held was sent before it.
    mutating func confirmed() -> [Held] {
        isConfirming = false
        return exchange(&held, with: [])
    }

    // MARK: The end

    /// The connection is gone: nothing waits any more. Returns the calls in the order they were sent.
    mutating func removeAll() -> [RedisCall] {
        let waiting = entries[first...].compactMap { entry in
            if case .call(let call) = entry { call } else { nil }
        }
        let calls = held.map(\.call) + waiting
        self = RedisCalls(callCountMax: callCountMax, callBytesMax: callBytesMax)
        return calls
    }

    private static let capacityKept = 1_024
}
