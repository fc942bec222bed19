import Engine
import TestSupport
import Testing
import Transport

@testable import App

struct StoredSigningKeysTests {
    private let store = InMemoryStore(now: { 0 })

    @Test func `makes a key that later starts find`() async throws {
        let made = try await StoredSigningKeys.load(from: store)
        let found = try await StoredSigningKeys.load(from: store)
        #expect(found.current.id == made.current.id)
        #expect(found.current.code(for: [1]) == made.current.code(for: [1]))
        #expect(found.others.isEmpty)
    }

    @Test func `nodes that start at the same time use the same key`() async throws {
        let rendezvous = Rendezvous()
        let store = InMemoryStore(now: { 0 }, schedule: rendezvous.run)
        rendezvous.expect(4)
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 {
                group.addTask { try await StoredSigningKeys.load(from: store).current.id }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
    }

    @Test func `signs with the current key and checks with all`() async throws {
        let (a, b) = (secret(1), secret(2))
        try await put(
            #"{"current":"b","keys":[{"id":"a","secret":"\#(a)"},{"id":"b","secret":"\#(b)"}]}"#)
        let keys = try await StoredSigningKeys.load(from: store)
        #expect(keys.current.id == "b")
        #expect(keys.others.map(\.id) == ["a"])
    }

    @Test func `refuses what is no list of keys, without a word of it`() async throws {
        try await put(#"{"current":"hush"}"#)
        let error = await #expect(throws: SigningKeyError.self) {
            try await StoredSigningKeys.load(from: store)
        }
        #expect(
            error?.description
                == "the record signing-keys/current does not hold keys: not the expected JSON")
    }

    @Test func `says that the store does not work`() async throws {
        store.failing = .unavailable("told to")
        await #expect(throws: SigningKeyError.store(reason: "told to")) {
            try await StoredSigningKeys.load(from: store)
        }
    }

    private func put(_ json: String) async throws {
        try await store.commit([.put(StoredSigningKeys.key, value: Array(json.utf8))])
    }

    private func secret(_ byte: UInt8) -> String {
        Base64.encodeURL([UInt8](repeating: byte, count: 32))
    }
}
