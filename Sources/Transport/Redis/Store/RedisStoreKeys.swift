import Engine

/// The names that the store's data have in Redis. All share one hash tag, and so one server.
///
/// `petnexus:{store}:record:user/42`, `petnexus:{store}:index:names`, `petnexus:{store}:counter:ids`.
/// Names are kept byte by byte; only in a collection are `/` and `%` escaped, so that the first `/`
/// ends it.
struct RedisStoreKeys: Sendable {
    /// What a key stands for.
    enum Meaning: Equatable {
        case record(RecordKey)
        case index(String)
        case counter(String)
    }

    private let records: [UInt8]
    private let indexes: [UInt8]
    private let counters: [UInt8]

    init(prefix: String) {
        records = Array("\(prefix){store}:record:".utf8)
        indexes = Array("\(prefix){store}:index:".utf8)
        counters = Array("\(prefix){store}:counter:".utf8)
    }

    func record(_ key: RecordKey) -> [UInt8] {
        var name = records
        for byte in key.collection.utf8 {
            switch byte {
            case Self.slash: name += Self.escapedSlash
            case Self.percent: name += Self.escapedPercent
            default: name.append(byte)
            }
        }
        name.append(Self.slash)
        name += key.id.utf8
        return name
    }

    func index(_ name: String) -> [UInt8] { indexes + name.utf8 }

    func counter(_ name: String) -> [UInt8] { counters + name.utf8 }

    /// What a key of Redis stands for; nil where it is none of the store's.
    func meaning(of name: [UInt8]) -> Meaning? {
        if name.starts(with: indexes) {
            return Self.text(name.dropFirst(indexes.count)).map { .index($0) }
        }
        if name.starts(with: counters) {
            return Self.text(name.dropFirst(counters.count)).map { .counter($0) }
        }
        guard name.starts(with: records) else { return nil }
        let rest = name.dropFirst(records.count)
        guard let end = rest.firstIndex(of: Self.slash),
            let collection = Self.unescaped(rest[..<end]).flatMap({ Self.text($0[...]) }),
            let id = Self.text(rest[(end + 1)...])
        else { return nil }
        return .record(RecordKey(collection, id))
    }

    private static let slash = UInt8(ascii: "/")
    private static let percent = UInt8(ascii: "%")
    private static let escapedSlash = Array("%2F".utf8)
    private static let escapedPercent = Array("%25".utf8)

    private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        String(validating: bytes, as: UTF8.self)
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var plain: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == percent else {
                plain.append(byte)
                continue
            }
            switch Array(rest.prefix(2)) {
            case [0x32, 0x46]: plain.append(slash)
            case [0x32, 0x35]: plain.append(percent)
            default: return nil
            }
            rest.removeFirst(2)
        }
        return plain
    }
}
