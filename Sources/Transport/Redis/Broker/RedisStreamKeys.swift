import Engine

/// What the keys of streams are called. Each begins with the prefix that a site has chosen; the hash
/// tag is the stream's name, so that all of one stream stays together.
struct RedisStreamKeys: Sendable {
    private let prefix: [UInt8]
    /// The data set's life.
    let life: [UInt8]

    init(prefix: String) {
        self.prefix = Array(prefix.utf8)
        life = Array(prefix.utf8) + Array("life".utf8)
    }

    /// What scripts make keys from that depend on what they find.
    var argument: [UInt8] { prefix }

    /// A kept stream's log, and the channel of its announcements.
    func log(of stream: StreamName) -> [UInt8] { key("log:{", stream, "}") }

    /// Where a passing-through stream stands, and the channel of its announcements.
    func passing(_ stream: StreamName) -> [UInt8] { key("passing:{", stream, "}") }

    /// What is remembered of an idempotency key. The name's length tells apart what names and keys
    /// with braces would make the same.
    func known(_ key: String, from sender: UserID, in stream: StreamName) -> [UInt8] {
        var bytes: [UInt8] = []
        let (name, key) = (stream.text.utf8, key.utf8)
        bytes.reserveCapacity(prefix.count + name.count + key.count + 48)
        bytes += prefix
        bytes += "known:".utf8
        bytes.append(decimal: Int64(name.count))
        bytes += ":{".utf8
        bytes += name
        bytes += "}:".utf8
        bytes.append(decimal: sender.rawValue)
        bytes.append(UInt8(ascii: ":"))
        bytes += key
        return bytes
    }

    /// The stream whose log has this key; nil for other keys.
    func logged(by key: [UInt8]) -> StreamName? {
        let start = prefix + Array("log:{".utf8)
        guard key.starts(with: start), key.last == UInt8(ascii: "}"), key.count > start.count else {
            return nil
        }
        return String(validating: key[start.count..<(key.count - 1)], as: UTF8.self)
            .map { StreamName($0) }
    }

    /// What `known` made the key of; nil for other keys.
    func knownKey(of name: [UInt8]) -> (key: String, sender: UserID, stream: StreamName)? {
        let start = prefix + Array("known:".utf8)
        guard name.starts(with: start) else { return nil }
        var rest = name[start.count...]
        guard let bytes = rest.takeDecimal(before: UInt8(ascii: ":")), bytes >= 0,
            rest.popFirst() == UInt8(ascii: "{"), rest.count >= bytes + 2
        else { return nil }
        let stream = String(validating: rest.prefix(Int(bytes)), as: UTF8.self)
        rest.removeFirst(Int(bytes))
        guard rest.popFirst() == UInt8(ascii: "}"), rest.popFirst() == UInt8(ascii: ":"),
            let sender = rest.takeDecimal(before: UInt8(ascii: ":")), let stream,
            let key = String(validating: rest, as: UTF8.self)
        else { return nil }
        return (key, UserID(sender), StreamName(stream))
    }

    private func key(
        _ kind: StaticString, _ stream: StreamName, _ end: StaticString
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        let name = stream.text.utf8
        bytes.reserveCapacity(
            prefix.count + kind.utf8CodeUnitCount + name.count + end.utf8CodeUnitCount)
        bytes += prefix
        bytes += kind.description.utf8
        bytes += name
        bytes += end.description.utf8
        return bytes
    }
}
