/// The name of a record: `user/42` is `RecordKey("user", "42")`. Keys are equal when their bytes are.
public struct RecordKey: Hashable, Sendable, CustomStringConvertible {
    private let exactCollection: ExactText
    private let exactID: ExactText

    public init(_ collection: String, _ id: String) {
        exactCollection = ExactText(collection)
        exactID = ExactText(id)
    }

    public var collection: String { exactCollection.text }
    public var id: String { exactID.text }
    public var description: String { "\(collection)/\(id)" }
}

/// A stored value and how often it was written.
public struct Record: Hashable, Sendable {
    public let value: [UInt8]
    /// 1 for a new record, one more with every write. A removed record starts again at 1.
    public let version: UInt64
    /// Milliseconds since 1970 at which the record is gone by itself; nil: never.
    public let expiresAtMs: Int64?

    public init(value: [UInt8], version: UInt64, expiresAtMs: Int64? = nil) {
        self.value = value
        self.version = version
        self.expiresAtMs = expiresAtMs
    }
}

/// What must be true of a record for a change to happen. An expired record is absent.
public enum Expectation: Hashable, Sendable {
    case any
    case absent
    case version(UInt64)
}

/// A member of an ordered index. Entries are ordered by the bytes of `sortKey`, then those of `id`.
public struct IndexEntry: Hashable, Sendable {
    public let sortKey: [UInt8]
    private let exactID: ExactText

    public init(sortKey: [UInt8], id: String) {
        self.sortKey = sortKey
        exactID = ExactText(id)
    }

    public var id: String { exactID.text }
}

/// The part of an index whose sort keys lie in `lowest ..< end`; nil is open on that side.
public struct IndexRange: Hashable, Sendable {
    public let lowest: [UInt8]?
    public let end: [UInt8]?

    public init(from lowest: [UInt8]? = nil, upTo end: [UInt8]? = nil) {
        self.lowest = lowest
        self.end = end
    }

    public static let all = IndexRange()
}

/// One step of an atomic commit.
public enum Change: Sendable {
    /// Writes a record; with `expiresAtMs` it is a lease.
    case put(
        RecordKey, value: [UInt8], expecting: Expectation = .any, expiresAtMs: Int64? = nil)
    /// Removes a record; one that isn't there is no error under `.any`.
    case remove(RecordKey, expecting: Expectation = .any)
    /// Inserting an entry twice, or deleting one that isn't there, changes nothing.
    case insert(IndexEntry, index: String)
    case delete(IndexEntry, index: String)
    /// Adds to a counter, which starts at 0.
    case add(Int64, counter: String)
}

/// Why the store did not do what it was asked.
public enum StoreError: Error, Hashable, Sendable {
    /// The expectation about this record did not hold; nothing of the commit happened.
    case conflict(RecordKey)
    /// The store can't be reached or can't be written, with the reason for the operator's log.
    case unavailable(String)
}

/// The community's shared data: records, ordered indexes, counters and leases, in the vocabulary
/// that an embedded database and Redis both speak well.
///
/// A commit is all or nothing, and durable when it returns. Reads see every commit that returned
/// before they were called.
public protocol Store: Sendable {
    /// The records in the order of the keys; nil for one that is absent or expired.
    func records(_ keys: [RecordKey]) async throws(StoreError) -> [Record?]

    /// Performs all of the changes in order, or none of them.
    func commit(_ changes: [Change]) async throws(StoreError)

    /// Up to `limit` entries of the range after skipping `skip`, in index order or reversed.
    func entries(
        of index: String, in range: IndexRange, descending: Bool, skip: Int, limit: Int
    ) async throws(StoreError) -> [IndexEntry]

    /// How many entries the range holds. A whole index (`.all`) is counted in no time.
    func count(of index: String, in range: IndexRange) async throws(StoreError) -> Int

    /// The counters' values in the order asked for; 0 for one that nothing was ever added to.
    func values(of counters: [String]) async throws(StoreError) -> [Int64]

    /// Adds to a counter and returns its new value. Durable when it returns.
    func advance(_ counter: String, by amount: Int64) async throws(StoreError) -> Int64
}
