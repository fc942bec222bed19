import Engine
import TestSupport
import Testing

/// Idempotency: a (stream, sender, key) is stored once within 24 hours.
struct BrokerDuplicateContractTests {
    private let room = StreamName("chat/1")

    @Test(arguments: Adapter.allCases)
    func `answers a key that was seen with the first position`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let listener = RecordingListener()
            _ = try await subject.port.attach(listener, to: room, keeping: .plenty)
            let first = try await subject.port.append(Draft("a", key: "k"), to: room)
            _ = try await subject.port.append(Draft("b"), to: room)
            let second = try await subject.port.append(Draft("c", key: "k"), to: room)
            #expect(!first.isDuplicate)
            #expect(second == Appended(position: first.position, isDuplicate: true))
            let third = try await subject.port.append(Draft("d"), to: room)
            #expect(third.position.offset == 3)
            #expect(listener.publications.map(\.text) == ["a", "b", "d"])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `stores one of many appends with the same key at the same time`(
        _ adapter: Adapter
    ) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let answers = await withTaskGroup(of: Appended?.self) { group in
                for _ in 0..<50 {
                    group.addTask { try? await broker.append(Draft("a", key: "k"), to: room) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0?.isDuplicate == false } == 1)
            #expect(answers.allSatisfy { $0?.position.offset == 1 })
        }
    }

    @Test(arguments: Adapter.allCases)
    func `tells keys apart by sender, by stream and by their bytes`(
        _ adapter: Adapter
    ) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            // The two spellings of é are equal as texts.
            let first = Draft("a", key: "\u{e9}")
            _ = try await broker.append(first, to: room)
            let otherSender = try await broker.append(Draft("a", from: 2, key: "\u{e9}"), to: room)
            let otherStream = try await broker.append(first, to: StreamName("chat/2"))
            let otherBytes = try await broker.append(Draft("a", key: "e\u{301}"), to: room)
            #expect(!otherSender.isDuplicate)
            #expect(!otherStream.isDuplicate)
            #expect(!otherBytes.isDuplicate)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `remembers a key for 24 hours and not longer`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let draft = Draft("a", key: "k")
            _ = try await subject.port.append(draft, to: room)
            subject.clock.advance(byMs: 24 * 3_600_000 - 1)
            #expect(try await subject.port.append(draft, to: room).isDuplicate)
            subject.clock.advance(byMs: 1)
            let late = try await subject.port.append(draft, to: room)
            #expect(!late.isDuplicate)
            #expect(late.position.offset == 2)
            #expect(try await subject.port.append(draft, to: room).position.offset == 2)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `remembers a key whose publication is no longer kept`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let two = Retention(countMax: 2)
            _ = try await subject.port.append(Draft("a", key: "k"), to: room, keeping: two)
            for number in 0..<200 {
                _ = try await subject.port.append(Draft("\(number)"), to: room, keeping: two)
            }
            let again = try await subject.port.append(Draft("a", key: "k"), to: room, keeping: two)
            #expect(again.isDuplicate)
            #expect(again.position.offset == 1)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `forgets no key that lives when many others expire`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            for number in 0..<300 {
                _ = try await subject.port.append(Draft("a", key: "\(number)"), to: room)
                subject.clock.advance(byMs: 3_600_000)
            }
            // The last 23 are younger than 24 hours.
            for number in 277..<300 {
                let again = try await subject.port.append(Draft("a", key: "\(number)"), to: room)
                #expect(again.isDuplicate)
                #expect(again.position.offset == UInt64(number + 1))
            }
            #expect(try await !subject.port.append(Draft("a", key: "276"), to: room).isDuplicate)
        }
    }
}
