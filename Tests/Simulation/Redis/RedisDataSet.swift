import Engine
import Transport

/// What a Redis server keeps, and what the bridge's scripts do to it: the same as the Lua they are
/// sent as, for what the simulation asks of them.
struct RedisDataSet {
    /// The life of the data set, as links know it.
    struct Life {
        let replicationID: [UInt8]
        let id: [UInt8]
    }

    /// A passing-through stream.
    struct Passing {
        var life: [UInt8]
        var epoch: [UInt8]
        var top: Int64 = 0
    }

    /// A kept stream, and its entries as they were written.
    struct Log {
        var stream: HubStream
        var entries: [[UInt8]] = []
    }

    /// What a script comes to.
    struct Outcome {
        var reply: RedisValue
        /// In the order in which they are published.
        var messages: [(channel: [UInt8], message: [UInt8])] = []
    }

    var life: Life?
    var logs: [[UInt8]: Log] = [:]
    var passing: [[UInt8]: Passing] = [:]
    /// Offsets and times, by the names of what is remembered.
    private var known: [[UInt8]: (offset: UInt64, atMs: Int64)] = [:]
    var presence = RedisPresence()
    /// The last epoch of a passing-through stream: the clock that it is made from never stands still.
    private var stamp: Int64 = 0

    var epoch: Epoch {
        Epoch(rawValue: life.flatMap { UInt64(text($0.id), radix: 16) } ?? 0)
    }

    /// Whether a script's first write would need more memory.
    static func needsMemory(_ script: String) -> Bool { ["append", "enter"].contains(script) }

    // MARK: Scripts

    /// Runs a script, at some moment by the server's clock.
    mutating func run(
        _ script: String, keys: [[UInt8]], arguments: [[UInt8]], atMs nowMs: Int64
    ) -> Outcome {
        stamp = max(stamp + 1, nowMs * 1_000)
        if script == "open" { return Outcome(reply: open(arguments)) }
        guard let life = life?.id else {
            return Outcome(reply: .error("NOLIFE the data set has no life"))
        }
        switch script {
        case "append": return append(keys, arguments, life)
        case "tops":
            return Outcome(reply: .array([.string(life)] + keys.dropFirst().flatMap(top)))
        case "read": return Outcome(reply: read(keys[1], arguments, life))
        case "pass":
            var outcome = Outcome(reply: .null)
            outcome.reply = .string(announce(keys[1], arguments[0], &outcome))
            return outcome
        case "passing-tops":
            return Outcome(reply: .array(keys.dropFirst().flatMap { use($0) }))
        default:
            return runPresence(script, arguments, atMs: nowMs)
        }
    }

    private mutating func open(_ arguments: [[UInt8]]) -> RedisValue {
        if let life, life.replicationID == arguments[0] { return .string(life.id) }
        life = Life(replicationID: arguments[0], id: arguments[1])
        return .string(arguments[1])
    }

    // MARK: Kept streams

    private mutating func append(
        _ keys: [[UInt8]], _ arguments: [[UInt8]], _ life: [UInt8]
    ) -> Outcome {
        let nowMs = number(arguments[2])
        if keys.count > 2, let seen = known[keys[2]], nowMs - seen.atMs < 86_400_000 {
            return Outcome(
                reply: .string(Array("=".utf8) + life + Array(":\(seen.offset)".utf8)))
        }
        let empty = Log(stream: HubStream(name: Self.stream(keys[1]), epoch: epoch))
        let offset = (logs[keys[1]]?.stream.top ?? 0) + 1
        guard let publication = RedisEntry.decode(arguments[0][...], offset: offset) else {
            preconditionFailure("an append carries an entry")
        }
        logs[keys[1], default: empty].stream.store(
            publication, key: nil, keeping: Retention(countMax: Int(number(arguments[1]))))
        logs[keys[1]]?.entries.append(arguments[0])
        if keys.count > 2 { known[keys[2]] = (offset, nowMs) }
        let position = life + Array(":\(offset)".utf8)
        return Outcome(
            reply: .string(position),
            messages: [(keys[1], position + Array(":".utf8) + arguments[0])])
    }

    private func top(_ key: [UInt8]) -> [RedisValue] {
        guard let log = logs[key] else { return [.integer(0), .integer(1), .null] }
        return [
            .integer(Int64(log.stream.top)), .integer(Int64(log.stream.floor)),
            .string(log.entries[log.entries.count - 1]),
        ]
    }

    private func read(
        _ key: [UInt8], _ arguments: [[UInt8]], _ life: [UInt8]
    ) -> RedisValue {
        guard let log = logs[key] else {
            return .array([.string(life), .integer(0), .integer(1)])
        }
        let limit = PageLimit(
            countMax: Int(number(arguments[1])), bytesMax: Int(number(arguments[2])))
        let page = log.stream.page(
            after: min(UInt64(number(arguments[0])), log.stream.top), atMost: limit,
            keeping: Retention(countMax: Int(number(arguments[3]))))
        return .array(
            [.string(life), .integer(Int64(page.top)), .integer(Int64(page.floor))]
                + page.publications.flatMap { publication in
                    [
                        .integer(Int64(publication.offset)),
                        .string(log.entries[Int(publication.offset) - 1]),
                    ]
                })
    }

    // MARK: Passing-through streams

    /// Where a stream stands: its epoch and its top.
    mutating func use(_ key: [UInt8]) -> [RedisValue] {
        let life = life?.id ?? []
        if passing[key]?.life != life {
            passing[key] = Passing(life: life, epoch: Array(String(stamp, radix: 16).utf8))
            stamp += 1
        }
        guard let stream = passing[key] else { return [] }
        return [.string(stream.epoch), .integer(stream.top)]
    }

    /// Announces an entry; answers its position.
    mutating func announce(
        _ key: [UInt8], _ entry: [UInt8], _ outcome: inout Outcome
    ) -> [UInt8] {
        _ = use(key)
        passing[key]?.top += 1
        guard let stream = passing[key] else { return [] }
        let position = stream.epoch + Array(":\(stream.top)".utf8)
        outcome.messages.append((key, position + Array(":".utf8) + entry))
        return position
    }

    // MARK: Words

    func number(_ bytes: [UInt8]) -> Int64 {
        guard let number = Int64(text(bytes)) else {
            preconditionFailure("a script's argument is a number")
        }
        return number
    }

    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    static func passingKey(_ stream: [UInt8]) -> [UInt8] {
        Array("\(SimulatedRedis.prefix)passing:{".utf8) + stream + Array("}".utf8)
    }

    /// The stream whose key this is: what stands between the braces.
    static func stream(_ key: [UInt8]) -> StreamName {
        let name = key.drop { $0 != UInt8(ascii: "{") }.dropFirst().dropLast()
        return StreamName(String(decoding: name, as: UTF8.self))
    }
}
