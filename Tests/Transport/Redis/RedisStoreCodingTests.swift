import Engine
import Testing

@testable import Transport

/// What the store's data are called and look like in Redis.
struct RedisStoreCodingTests {
    private let keys = RedisStoreKeys(prefix: "p:")

    @Test(arguments: [
        ("user", "42", "p:{store}:record:user/42"), ("", "", "p:{store}:record:/"),
        ("a/b", "c/d", "p:{store}:record:a%2Fb/c/d"), ("a%2Fb", "%", "p:{store}:record:a%252Fb/%"),
        ("}{", "\u{0}", "p:{store}:record:}{/\u{0}"), ("e\u{301}", "\u{e9}", nil),
    ])
    func `a record's key says its collection and its id`(
        _ collection: String, _ id: String, _ name: String?
    ) {
        let key = RecordKey(collection, id)
        let bytes = keys.record(key)
        if let name { #expect(bytes == Array(name.utf8)) }
        #expect(keys.meaning(of: bytes) == .record(key))
    }

    @Test func `no two names have the same key`() {
        let texts = ["", "/", "%", "%2F", "%25", "a", "a/", "/a", "\u{e9}", "e\u{301}", "\u{0}"]
        let names = texts.flatMap { one in texts.map { keys.record(RecordKey(one, $0)) } }
        let others = texts.flatMap { [keys.index($0), keys.counter($0)] }
        #expect(Set(names + others).count == texts.count * (texts.count + 2))
    }

    @Test func `knows what is an index and what a counter`() {
        #expect(keys.meaning(of: keys.index("a/b\u{0}")) == .index("a/b\u{0}"))
        #expect(keys.meaning(of: keys.counter("")) == .counter(""))
    }

    @Test(arguments: [
        "p:{store}:", "p:{store}:record:user", "p:{store}:record:%2f/a", "p:{store}:record:%/a",
        "q:{store}:index:a", "p:life", "",
    ])
    func `other keys mean nothing`(_ name: String) {
        #expect(keys.meaning(of: Array(name.utf8)) == nil)
    }

    @Test(arguments: [
        (Record(value: [], version: 1), "1::"),
        (
            Record(value: [58, 58], version: .max, expiresAtMs: .max),
            "18446744073709551615:9223372036854775807:::"
        ),
        (Record(value: [0], version: 7, expiresAtMs: 0), "7:0:\u{0}"),
    ])
    func `a record is its version, its expiry and its value`(_ record: Record, _ text: String) {
        #expect(RedisRecord.bytes(record) == Array(text.utf8))
        #expect(RedisRecord.record(in: Array(text.utf8)) == record)
    }

    @Test(arguments: ["", "1", "1:", "1:2", ":2:", "x::", "1:x:", "-1::", "18446744073709551616::"])
    func `what is no record is not taken for one`(_ text: String) {
        #expect(RedisRecord.record(in: Array(text.utf8)) == nil)
    }

    @Test(
        arguments: [
            (nil, nil), (2_000, 61_000), (1_000, 60_000), (0, 60_000), (Int64.min, 60_000),
            (Int64.max, nil),
        ] as [(Int64?, Int64?)])
    func `Redis may forget a lease a minute after its end`(_ expiry: Int64?, _ lifetime: Int64?) {
        #expect(RedisRecord.lifetimeMs(expiresAtMs: expiry, nowMs: 1_000) == lifetime)
    }

    @Test func `members are ordered as entries are, and read back`() {
        let sortKeys: [[UInt8]] = [
            [], [0], [0, 0], [0, 0, 1], [0, 1], [0, 255], [1], [1, 0], [1, 0, 255], [1, 1], [2],
            [255], [255, 0], [255, 255],
        ]
        let ids = ["", "\u{0}", "\u{1}", "a", "\u{e9}", "\u{10ffff}"]
        let entries = sortKeys.flatMap { key in ids.map { IndexEntry(sortKey: key, id: $0) } }
        let members = entries.map(RedisIndexMember.bytes)
        for (one, next) in zip(members, members.dropFirst()) {
            #expect(one.lexicographicallyPrecedes(next), "\(one) \(next)")
        }
        #expect(members.map(RedisIndexMember.entry(in:)) == entries)
    }

    @Test(arguments: [[], [1], [0], [0, 2], [1, 0], [0, 1, 255]] as [[UInt8]])
    func `what is no member is not taken for one`(_ bytes: [UInt8]) {
        #expect(RedisIndexMember.entry(in: bytes) == nil)
    }
}
