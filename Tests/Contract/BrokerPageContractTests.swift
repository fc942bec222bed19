import Engine
import TestSupport
import Testing

/// Reading ranges, and what retention leaves of them.
struct BrokerPageContractTests {
    private let room = StreamName("chat/1")

    @Test(arguments: Adapter.allCases)
    func `has an empty page for a stream nobody has written to`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let page = try await subject.port.read(room, after: 0, limit: 10, keeping: .plenty)
            #expect(page.publications.isEmpty)
            #expect(page.floor == 1)
            #expect(page.top == 0)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `reads after an offset and up to a limit`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            for number in 1...10 { _ = try await subject.port.append(Draft("\(number)"), to: room) }
            func offsets(after offset: UInt64, limit: Int) async throws -> [UInt64] {
                let page = try await subject.port.read(
                    room, after: offset, limit: limit, keeping: .plenty)
                #expect(page.floor == 1)
                #expect(page.top == 10)
                return page.publications.map(\.offset)
            }
            #expect(try await offsets(after: 0, limit: 3) == [1, 2, 3])
            #expect(try await offsets(after: 7, limit: 100) == [8, 9, 10])
            #expect(try await offsets(after: 7, limit: .max) == [8, 9, 10])
            #expect(try await offsets(after: 9, limit: 1) == [10])
            #expect(try await offsets(after: 10, limit: 5) == [])
            #expect(try await offsets(after: .max, limit: 5) == [])
            #expect(try await offsets(after: 0, limit: 0) == [])
            #expect(try await offsets(after: 0, limit: -1) == [])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `keeps no more than the retention's count`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let ten = Retention(countMax: 10)
            for number in 1...300 {
                _ = try await broker.append(Draft("\(number)"), to: room, keeping: ten)
                let page = try await broker.read(room, after: 0, limit: 1_000, keeping: ten)
                #expect(page.floor == UInt64(max(1, number - 9)))
                #expect(page.publications.map(\.offset) == Array(page.floor...page.top))
            }
            let attached = try await broker.attach(RecordingListener(), to: room, keeping: ten)
            #expect(attached.floor == 291)
            #expect(attached.top == 300)
            #expect(attached.publications.isEmpty)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `keeps nothing older than the retention's age`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let minute = Retention(countMax: 1_000, ageMaxMs: 60_000)
            for number in 1...200 {
                let draft = Draft("\(number)", atMs: subject.clock.nowMs)
                _ = try await broker.append(draft, to: room, keeping: minute)
                subject.clock.advance(byMs: 1_000)
            }
            let page = try await broker.read(room, after: 0, limit: 1_000, keeping: minute)
            #expect(page.publications.map(\.offset) == Array(141...200))
            #expect(page.floor == 141)
            let attached = try await broker.attach(RecordingListener(), to: room, keeping: minute)
            #expect(attached.floor == 141)

            subject.clock.advance(byMs: 3_600_000)
            let empty = try await broker.read(room, after: 0, limit: 1_000, keeping: minute)
            #expect(empty.publications.isEmpty)
            #expect(empty.floor == 201)
            #expect(empty.top == 200)
            let next = Draft("next", atMs: subject.clock.nowMs)
            #expect(try await broker.append(next, to: room, keeping: minute).position.offset == 201)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `keeps a stream without a gap when clocks disagree`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let minute = Retention(countMax: 1_000, ageMaxMs: 60_000)
            for ageMs in [90_000, 30_000, 90_000, 10_000] as [Int64] {
                let draft = Draft("\(ageMs)", atMs: subject.clock.nowMs - ageMs)
                _ = try await broker.append(draft, to: room, keeping: minute)
            }
            let page = try await broker.read(room, after: 0, limit: 10, keeping: minute)
            #expect(page.floor == 2)
            #expect(page.publications.map(\.offset) == [2, 3, 4])
        }
    }
}
