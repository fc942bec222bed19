import Engine

/// The records, indexes and counters of an in-memory store. Texts are the same where their bytes
/// are, as everywhere behind the port.
struct MemoryTables {
    private struct Key: Hashable {
        let collection: [UInt8]
        let id: [UInt8]

        init(_ key: RecordKey) {
            collection = Array(key.collection.utf8)
            id = Array(key.id.utf8)
        }
    }

    private var records: [Key: Record] = [:]
    /// Each in index order.
    private var indexes: [[UInt8]: [IndexEntry]] = [:]
    private var counters: [[UInt8]: Int64] = [:]

    /// The record, unless it is absent or expired.
    func record(_ key: RecordKey, nowMs: Int64) -> Record? {
        records[Key(key)].flatMap { $0.isAlive(atMs: nowMs) ? $0 : nil }
    }

    /// The entries of the range, in index order.
    func entries(of index: String, in range: IndexRange) -> ArraySlice<IndexEntry> {
        let entries = indexes[Array(index.utf8), default: []]
        let first = range.lowest.map { lowest in
            entries.partitionPoint { $0.sortKey.precedes(lowest) }
        }
        let end = range.end.map { end in
            entries.partitionPoint { $0.sortKey.precedes(end) }
        }
        let lower = first ?? 0
        return entries[lower..<max(lower, end ?? entries.count)]
    }

    /// A counter's value; 0 where nothing was ever added.
    func counter(_ name: String) -> Int64 { counters[Array(name.utf8), default: 0] }

    /// Adds to a counter and returns its new value; nil, and nothing changes, where that is beyond 64
    /// bits.
    mutating func advance(_ counter: String, by amount: Int64) -> Int64? {
        let name = Array(counter.utf8)
        let (sum, overflows) = counters[name, default: 0].addingReportingOverflow(amount)
        if overflows { return nil }
        counters[name] = sum
        return sum
    }

    /// Performs all of the changes, or none of them: then it returns why.
    mutating func commit(_ changes: [Change], nowMs: Int64) -> StoreError? {
        // What can be refused is staged; nil stands for a removed record.
        var staged: [Key: Record?] = [:]
        let countersBefore = counters
        for change in changes {
            if let refusal = stage(change, in: &staged, nowMs) {
                counters = countersBefore
                return refusal
            }
        }
        records.merge(staged.compactMapValues { $0 }) { $1 }
        for (key, record) in staged where record == nil { records[key] = nil }
        for change in changes {
            switch change {
            case .put, .remove, .add: break
            case .insert(let entry, let index): insert(entry, index)
            case .delete(let entry, let index): delete(entry, index)
            }
        }
        return nil
    }

    /// Decides about a change; an addition is done at once. Returns why it can't be.
    private mutating func stage(
        _ change: Change, in staged: inout [Key: Record?], _ nowMs: Int64
    ) -> StoreError? {
        switch change {
        case .put(let key, let value, let expectation, let expiresAtMs):
            let current = alive(key, staged, nowMs)
            guard expectation.holds(of: current) else { return .conflict(key) }
            staged[Key(key)] = Record(
                value: value, version: (current?.version ?? 0) + 1, expiresAtMs: expiresAtMs)
        case .remove(let key, let expectation):
            guard expectation.holds(of: alive(key, staged, nowMs)) else {
                return .conflict(key)
            }
            staged[Key(key)] = .some(nil)
        case .add(let amount, let counter):
            if advance(counter, by: amount) == nil { return .counterOverflow }
        case .insert, .delete: break
        }
        return nil
    }

    private func alive(_ key: RecordKey, _ staged: [Key: Record?], _ nowMs: Int64) -> Record? {
        let record = staged[Key(key)] ?? records[Key(key)]
        return record.flatMap { $0.isAlive(atMs: nowMs) ? $0 : nil }
    }

    private mutating func insert(_ entry: IndexEntry, _ index: String) {
        let name = Array(index.utf8)
        let place = indexes[name, default: []].partitionPoint { $0.precedes(entry) }
        if let next = indexes[name]?.dropFirst(place).first, !entry.precedes(next) { return }
        indexes[name, default: []].insert(entry, at: place)
    }

    private mutating func delete(_ entry: IndexEntry, _ index: String) {
        let name = Array(index.utf8)
        let place = indexes[name, default: []].partitionPoint { $0.precedes(entry) }
        guard let found = indexes[name]?.dropFirst(place).first, !entry.precedes(found) else {
            return
        }
        indexes[name]?.remove(at: place)
    }
}

extension StoreError {
    static let counterOverflow = StoreError.unavailable("the counter is full")
}

extension Expectation {
    /// Whether the expectation is true of a record; nil stands for an absent one.
    fileprivate func holds(of record: Record?) -> Bool {
        switch self {
        case .any: true
        case .absent: record == nil
        case .version(let version): record?.version == version
        }
    }
}

extension Record {
    fileprivate func isAlive(atMs nowMs: Int64) -> Bool {
        expiresAtMs.map { $0 > nowMs } ?? true
    }
}

extension IndexEntry {
    fileprivate func precedes(_ other: IndexEntry) -> Bool {
        sortKey == other.sortKey
            ? id.utf8.lexicographicallyPrecedes(other.id.utf8) : sortKey.precedes(other.sortKey)
    }
}

extension [UInt8] {
    fileprivate func precedes(_ other: [UInt8]) -> Bool {
        lexicographicallyPrecedes(other)
    }
}

extension [IndexEntry] {
    /// The place of the first element that is not among the preceding ones.
    fileprivate func partitionPoint(_ precedes: (IndexEntry) -> Bool) -> Int {
        var range = indices
        while let middle = range.isEmpty ? nil : range.lowerBound + range.count / 2 {
            range =
                precedes(self[middle])
                ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }
}
