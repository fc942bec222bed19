import Engine
import TestSupport
import Testing

/// Ordered indexes.
struct StoreIndexContractTests {
    /// In index order: by the bytes of the sort key, then those of the id.
    private let ordered = [
        IndexEntry(sortKey: [], id: "z"),
        IndexEntry(sortKey: [0], id: "Z"),
        IndexEntry(sortKey: [0], id: "a"),
        IndexEntry(sortKey: [0], id: "e\u{301}"),
        IndexEntry(sortKey: [0], id: "z"),
        IndexEntry(sortKey: [0], id: "\u{e9}"),
        IndexEntry(sortKey: [0, 0], id: "a"),
        IndexEntry(sortKey: [1], id: ""),
        IndexEntry(sortKey: [1, 255], id: "a"),
        IndexEntry(sortKey: [2], id: "a"),
        IndexEntry(sortKey: [127], id: "a"),
        IndexEntry(sortKey: [128], id: "a"),
        IndexEntry(sortKey: [255], id: "a"),
        IndexEntry(sortKey: [255, 255], id: "a"),
    ]

    @Test(arguments: Adapter.allCases)
    func `orders entries by the bytes of the sort key, then of the id`(
        _ adapter: Adapter
    ) async throws {
        try await withIndex(adapter) { store in
            let all = try await store.entries(
                of: "i", in: .all, descending: false, skip: 0, limit: 100)
            #expect(all.map(Bytes.init) == ordered.map(Bytes.init))
            let reversed = try await store.entries(
                of: "i", in: .all, descending: true, skip: 0, limit: 100)
            #expect(reversed.map(Bytes.init) == ordered.reversed().map(Bytes.init))
            #expect(try await store.count(of: "i", in: .all) == ordered.count)
        }
    }

    @Test(
        arguments: Adapter.allCases,
        [
            IndexRange(from: [0]), IndexRange(from: [1]), IndexRange(upTo: [1]),
            IndexRange(from: [0], upTo: [1]), IndexRange(from: [0, 0], upTo: [2]),
            IndexRange(from: [255, 255]), IndexRange(from: [255, 255, 0]), IndexRange(upTo: []),
            IndexRange(from: [], upTo: [0]), IndexRange(from: [2], upTo: [1]),
            IndexRange(from: [1], upTo: [1]), IndexRange(from: [3], upTo: [4]),
        ])
    func `holds in a range the keys from its lowest up to its end`(
        _ adapter: Adapter, _ range: IndexRange
    ) async throws {
        let expected = ordered.filter { entry in
            let isBelow = range.lowest.map { entry.sortKey.lexicographicallyPrecedes($0) }
            let isBeforeEnd = range.end.map { entry.sortKey.lexicographicallyPrecedes($0) }
            return isBelow != true && isBeforeEnd != false
        }.map(Bytes.init)
        try await withIndex(adapter) { store in
            #expect(try await store.count(of: "i", in: range) == expected.count)
            for descending in [false, true] {
                let order = descending ? expected.reversed() : expected
                for (skip, limit) in [(0, 100), (1, 2), (2, 1), (0, 0), (100, 1), (0, -1), (-1, 3)]
                {
                    let entries = try await store.entries(
                        of: "i", in: range, descending: descending, skip: skip, limit: limit)
                    let part = order.dropFirst(max(skip, 0)).prefix(max(limit, 0))
                    #expect(entries.map(Bytes.init) == Array(part))
                }
            }
        }
    }

    @Test(arguments: Adapter.allCases)
    func `keeps indexes apart whose names begin alike`(_ adapter: Adapter) async throws {
        try await withIndex(adapter) { store in
            for name in ["", "h", "i\u{0}", "i\u{0}a", "ia", "j"] {
                #expect(try await store.count(of: name, in: .all) == 0)
                let entry = IndexEntry(sortKey: [], id: "")
                try await store.commit([.insert(entry, index: name)])
                #expect(try await store.count(of: name, in: .all) == 1)
            }
            #expect(try await store.count(of: "i", in: .all) == ordered.count)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `changes nothing by inserting twice or deleting what isn't there`(
        _ adapter: Adapter
    ) async throws {
        try await withIndex(adapter) { store in
            try await store.commit([
                .insert(ordered[2], index: "i"), .insert(ordered[2], index: "i"),
                .delete(IndexEntry(sortKey: [9], id: "a"), index: "i"),
                .delete(IndexEntry(sortKey: [0], id: "b"), index: "i"),
                .delete(ordered[2], index: "no such"),
            ])
            #expect(try await store.count(of: "i", in: .all) == ordered.count)
            try await store.commit([.delete(ordered[2], index: "i")])
            let rest = try await store.entries(
                of: "i", in: .all, descending: false, skip: 0, limit: 100)
            #expect(rest.map(Bytes.init) == (ordered[..<2] + ordered[3...]).map(Bytes.init))
        }
    }

    private func withIndex(
        _ adapter: Adapter, _ body: (any Store) async throws -> Void
    ) async throws {
        try await withStore(adapter) { subject in
            try await subject.port.commit(ordered.shuffled().map { .insert($0, index: "i") })
            try await body(subject.port)
        }
    }
}

/// An entry that is equal where its bytes are.
private struct Bytes: Equatable {
    let sortKey: [UInt8]
    let id: [UInt8]

    init(_ entry: IndexEntry) {
        sortKey = entry.sortKey
        id = Array(entry.id.utf8)
    }
}
