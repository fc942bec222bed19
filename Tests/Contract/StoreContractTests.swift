import Engine
import TestSupport
import Testing

/// Records: what is written is read, and expectations guard it.
struct StoreRecordContractTests {
    private let user = RecordKey("user", "42")

    @Test(arguments: Adapter.allCases)
    func `counts the writes of a record as its version`(_ adapter: Adapter) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            #expect(try await store.records([user]) == [nil])
            try await store.commit([.put(user, value: [1])])
            #expect(try await store.records([user]) == [Record(value: [1], version: 1)])
            try await store.commit([.put(user, value: [])])
            #expect(try await store.records([user]) == [Record(value: [], version: 2)])
            try await store.commit([.put(user, value: [3]), .put(user, value: [4])])
            #expect(try await store.records([user]) == [Record(value: [4], version: 4)])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `starts a removed record again at version 1`(_ adapter: Adapter) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            try await store.commit([.put(user, value: [1])])
            try await store.commit([.put(user, value: [2])])
            try await store.commit([.remove(user)])
            #expect(try await store.records([user]) == [nil])
            try await store.commit([.put(user, value: [3], expecting: .absent)])
            #expect(try await store.records([user]) == [Record(value: [3], version: 1)])
            try await store.commit([.remove(RecordKey("user", "nobody"))])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `answers in the order of the keys`(_ adapter: Adapter) async throws {
        try await withStore(adapter) { subject in
            let (a, b, c) = (RecordKey("x", "a"), RecordKey("x", "b"), RecordKey("y", "a"))
            try await subject.port.commit([.put(a, value: [1]), .put(c, value: [3])])
            let records = try await subject.port.records([c, b, a, c])
            #expect(records.map { $0?.value } == [[3], nil, [1], [3]])
            #expect(try await subject.port.records([]) == [])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `tells names apart by their bytes`(_ adapter: Adapter) async throws {
        try await withStore(adapter) { subject in
            // The first two are equal as Swift texts.
            let ids = ["\u{e9}", "e\u{301}", "E", "e", "", "e\u{0}"]
            for (number, id) in ids.enumerated() {
                try await subject.port.commit([
                    .put(RecordKey("x", id), value: [UInt8(number)], expecting: .absent)
                ])
            }
            let records = try await subject.port.records(ids.map { RecordKey("x", $0) })
            #expect(records.map { $0?.value } == (0..<6).map { [$0] })
        }
    }

    @Test(arguments: Adapter.allCases)
    func `refuses a change whose expectation doesn't hold`(_ adapter: Adapter) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            func conflicts(_ change: Change) async {
                await #expect(throws: StoreError.conflict(user)) {
                    try await store.commit([change])
                }
            }
            await conflicts(.put(user, value: [1], expecting: .version(1)))
            await conflicts(.put(user, value: [1], expecting: .version(0)))
            await conflicts(.remove(user, expecting: .version(1)))
            try await store.commit([.remove(user, expecting: .absent)])
            try await store.commit([.put(user, value: [1], expecting: .absent)])
            await conflicts(.put(user, value: [2], expecting: .absent))
            await conflicts(.put(user, value: [2], expecting: .version(2)))
            await conflicts(.put(user, value: [2], expecting: .version(.max)))
            await conflicts(.remove(user, expecting: .absent))
            await conflicts(.remove(user, expecting: .version(2)))
            #expect(try await store.records([user]) == [Record(value: [1], version: 1)])
            try await store.commit([.put(user, value: [2], expecting: .version(1))])
            try await store.commit([.remove(user, expecting: .version(2))])
            #expect(try await store.records([user]) == [nil])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `forgets a lease when its time has come`(_ adapter: Adapter) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            let end = subject.clock.nowMs + 10_000
            try await store.commit([.put(user, value: [1], expiresAtMs: end)])
            try await store.commit([.put(user, value: [2], expiresAtMs: end)])
            subject.clock.advance(byMs: 9_999)
            let record = Record(value: [2], version: 2, expiresAtMs: end)
            #expect(try await store.records([user]) == [record])
            subject.clock.advance(byMs: 1)
            #expect(try await store.records([user]) == [nil])
            try await store.commit([.remove(user, expecting: .absent)])
            await #expect(throws: StoreError.conflict(user)) {
                try await store.commit([.put(user, value: [3], expecting: .version(2))])
            }
            await #expect(throws: StoreError.conflict(user)) {
                try await store.commit([.remove(user, expecting: .version(2))])
            }
            let later = end + 10_000
            try await store.commit([
                .put(user, value: [4], expecting: .absent, expiresAtMs: later)
            ])
            let taken = Record(value: [4], version: 1, expiresAtMs: later)
            #expect(try await store.records([user]) == [taken])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `starts an expired record again at version 1 whatever was expected`(
        _ adapter: Adapter
    ) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            let now = subject.clock.nowMs
            try await store.commit([.put(user, value: [1], expiresAtMs: now)])
            #expect(try await store.records([user]) == [nil])
            try await store.commit([.put(user, value: [2])])
            #expect(try await store.records([user]) == [Record(value: [2], version: 1)])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `lets a lease be prolonged and made permanent`(_ adapter: Adapter) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            let now = subject.clock.nowMs
            try await store.commit([.put(user, value: [1], expiresAtMs: now + 1_000)])
            try await store.commit([
                .put(user, value: [1], expecting: .version(1), expiresAtMs: now + 5_000)
            ])
            subject.clock.advance(byMs: 2_000)
            #expect(try await store.records([user]).first??.version == 2)
            try await store.commit([.put(user, value: [1])])
            subject.clock.advance(byMs: 1_000_000)
            #expect(try await store.records([user]) == [Record(value: [1], version: 3)])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `loses no lease that lives when many others expire`(_ adapter: Adapter) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            let now = subject.clock.nowMs
            for number in 0..<300 {
                let expiry = number % 3 == 0 ? now + 1_000_000 : now + Int64(number)
                try await store.commit([
                    .put(RecordKey("lease", "\(number)"), value: [1], expiresAtMs: expiry)
                ])
                subject.clock.advance(byMs: 1)
            }
            let keys = (0..<300).map { RecordKey("lease", "\($0)") }
            let alive = try await store.records(keys).map { $0 != nil }
            #expect(alive == (0..<300).map { $0 % 3 == 0 })
        }
    }
}

/// Commits: all or nothing.
struct StoreCommitContractTests {
    private let user = RecordKey("user", "42")

    @Test(arguments: Adapter.allCases)
    func `leaves nothing behind of a commit that conflicts`(_ adapter: Adapter) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            let other = RecordKey("user", "43")
            let entry = IndexEntry(sortKey: [1], id: "a")
            let kept = IndexEntry(sortKey: [2], id: "b")
            try await store.commit([
                .put(user, value: [1]), .insert(kept, index: "i"), .add(5, counter: "c"),
            ])
            await #expect(throws: StoreError.conflict(user)) {
                try await store.commit([
                    .put(other, value: [9]), .put(user, value: [9], expecting: .version(1)),
                    .insert(entry, index: "i"), .delete(kept, index: "i"), .add(1, counter: "c"),
                    .remove(user, expecting: .absent),
                ])
            }
            #expect(
                try await store.records([user, other]) == [Record(value: [1], version: 1), nil])
            #expect(
                try await store.entries(of: "i", in: .all, descending: false, skip: 0, limit: 9)
                    == [kept])
            #expect(try await store.values(of: ["c"]) == [5])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `performs the changes in order`(_ adapter: Adapter) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            let entry = IndexEntry(sortKey: [1], id: "a")
            try await store.commit([
                .put(user, value: [1], expecting: .absent),
                .put(user, value: [2], expecting: .version(1)),
                .remove(user, expecting: .version(2)),
                .put(user, value: [3], expecting: .absent),
                .insert(entry, index: "i"), .delete(entry, index: "i"), .insert(entry, index: "i"),
            ])
            #expect(try await store.records([user]) == [Record(value: [3], version: 1)])
            #expect(try await store.count(of: "i", in: .all) == 1)
            try await store.commit([])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `lets one of several writers that expect the same version win`(
        _ adapter: Adapter
    ) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            try await store.commit([.put(user, value: [0])])
            let wins = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<20 as Range<UInt8> {
                    group.addTask {
                        let change = Change.put(user, value: [number], expecting: .version(1))
                        return (try? await store.commit([.add(1, counter: "c"), change])) != nil
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(wins == 1)
            #expect(try await store.records([user]).first??.version == 2)
            #expect(try await store.values(of: ["c"]) == [1])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `adds to counters`(_ adapter: Adapter) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            #expect(try await store.values(of: ["c"]) == [0])
            #expect(try await store.advance("c", by: 3) == 3)
            try await store.commit([.add(-5, counter: "c"), .add(1, counter: "d")])
            #expect(try await store.values(of: ["c"]) == [-2])
            #expect(try await store.advance("d", by: 1) == 2)
            #expect(try await store.values(of: ["d", "none", "c", "d"]) == [2, 0, -2, 2])
            #expect(try await store.values(of: []) == [])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `counts to the ends of 64 bits, and refuses to go beyond`(
        _ adapter: Adapter
    ) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            #expect(try await store.advance("high", by: .max - 1) == .max - 1)
            #expect(try await store.advance("low", by: .min) == .min)
            #expect(try await store.advance("high", by: 1) == .max)
            for changes: [Change] in [
                [.add(1, counter: "high")], [.add(-1, counter: "low")],
                [.put(user, value: [1]), .add(1, counter: "c"), .add(1, counter: "high")],
            ] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.commit(changes)
                }
                if case .unavailable = error {
                } else {
                    Issue.record("\(String(describing: error))")
                }
            }
            await #expect(throws: StoreError.self) { try await store.advance("high", by: 1) }
            #expect(try await store.records([user]) == [nil])
            #expect(try await store.values(of: ["c"]) == [0])
            #expect(try await store.values(of: ["high"]) == [.max])
            #expect(try await store.values(of: ["low"]) == [.min])
            try await store.commit([.add(.max, counter: "low"), .add(.min, counter: "high")])
            #expect(try await store.values(of: ["low"]) == [-1])
            #expect(try await store.values(of: ["high"]) == [-1])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `gives everybody who advances a counter a number of their own`(
        _ adapter: Adapter
    ) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            let numbers = await withTaskGroup(of: Int64?.self) { group in
                for _ in 0..<100 { group.addTask { try? await store.advance("c", by: 1) } }
                return await group.reduce(into: Set<Int64>()) { if let n = $1 { $0.insert(n) } }
            }
            #expect(numbers == Set(1...100))
        }
    }

    @Test(arguments: Adapter.allCases)
    func `refuses what it can't store, and works once it can`(_ adapter: Adapter) async throws {
        try await withStore(adapter) { subject in
            let store = subject.port
            try await store.commit([.put(user, value: [1])])
            await subject.setFailing(true)
            let large = [UInt8](repeating: 7, count: 1 << 20)
            let error = await #expect(throws: StoreError.self) {
                try await store.commit([.add(1, counter: "c"), .put(user, value: large)])
            }
            if case .unavailable = error {} else { Issue.record("\(String(describing: error))") }
            await subject.setFailing(false)
            #expect(try await store.records([user]) == [Record(value: [1], version: 1)])
            #expect(try await store.values(of: ["c"]) == [0])
            try await store.commit([.put(user, value: large)])
            #expect(try await store.records([user]) == [Record(value: large, version: 2)])
        }
    }
}
