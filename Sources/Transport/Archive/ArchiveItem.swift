import Engine

/// One of the things that a community's data consist of, as they are copied from one kind of storage
/// to another. Writing one twice is the same as writing it once.
enum ArchiveItem: Sendable {
    case record(RecordKey, Record)
    case entry(IndexEntry, index: String)
    case counter(String, Int64)
    /// A kept stream. Its publications come after it, in their order.
    case stream(StreamName, floor: UInt64, top: UInt64)
    case publication(Publication, in: StreamName)
    /// Where a sender's idempotency key was stored, and when.
    case publishKey(String, from: UserID, in: StreamName, offset: UInt64, storedAtMs: Int64)

    /// Milliseconds for which a publish key is remembered.
    static let publishKeyLifetimeMs: Int64 = 24 * 3_600_000

    /// Milliseconds since 1970 at which it is gone by itself; nil: never.
    var expiresAtMs: Int64? {
        switch self {
        case .record(_, let record): record.expiresAtMs
        case .publishKey(_, _, _, _, let storedAtMs): storedAtMs + Self.publishKeyLifetimeMs
        case .entry, .counter, .stream, .publication: nil
        }
    }

    /// What it holds in memory, about.
    var heldBytes: Int {
        switch self {
        case .record(_, let record): 128 + record.value.count
        case .publication(let publication, _): 192 + publication.body.count
        case .entry(let entry, _): 128 + entry.sortKey.count
        case .counter, .stream, .publishKey: 128
        }
    }

    /// All of it as bytes, different for different items.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func put(_ part: some Collection<UInt8>) {
            put(UInt64(part.count))
            bytes += part
        }
        func put(_ number: UInt64) {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
            }
        }
        func put(_ number: Int64) { put(UInt64(bitPattern: number)) }
        switch self {
        case .record(let key, let record):
            bytes.append(1)
            put(key.collection.utf8)
            put(key.id.utf8)
            put(record.version)
            bytes.append(record.expiresAtMs == nil ? 0 : 1)
            put(record.expiresAtMs ?? 0)
            put(record.value)
        case .entry(let entry, let index):
            bytes.append(2)
            put(index.utf8)
            put(entry.sortKey)
            put(entry.id.utf8)
        case .counter(let name, let value):
            bytes.append(3)
            put(name.utf8)
            put(value)
        case .stream(let name, let floor, let top):
            bytes.append(4)
            put(name.text.utf8)
            put(floor)
            put(top)
        case .publication(let publication, let name):
            bytes.append(5)
            put(name.text.utf8)
            put(publication.offset)
            put(publication.sender.rawValue)
            put(publication.timestampMs)
            put(publication.senderName.utf8)
            put(publication.contentType.utf8)
            put(publication.body)
        case .publishKey(let key, let sender, let name, let offset, let storedAtMs):
            bytes.append(6)
            put(name.text.utf8)
            put(sender.rawValue)
            put(key.utf8)
            put(offset)
            put(storedAtMs)
        }
        return bytes
    }
}
