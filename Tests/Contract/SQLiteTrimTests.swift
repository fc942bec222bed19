import Engine
import TestSupport
import Testing
import Transport

/// What the embedded broker really deletes, seen by reading with a longer retention.
struct SQLiteTrimTests {
    private let room = StreamName("chat/1")

    @Test
    func `deletes what the count no longer keeps, a little late`() async throws {
        try await withDatabase { database in
            let broker = SQLiteBroker(database)
            for number in 1...500 {
                let ten = Retention(countMax: 10)
                _ = try await broker.append(Draft("\(number)"), to: room, keeping: ten)
            }
            let page = try await broker.read(room, after: 0, limit: 1_000, keeping: .plenty)
            #expect(page.floor > 500 - 10 - 64)
            #expect(page.publications.map(\.offset) == Array(page.floor...500))
        }
    }

    @Test
    func `deletes what became too old in a stream that fell silent, when it is read`() async throws
    {
        let clock = ManualClock()
        try await withDatabase(clock) { database in
            let broker = SQLiteBroker(database)
            let minute = Retention(countMax: 10_000, ageMaxMs: 60_000)
            for number in 1...1_500 {
                let draft = Draft("\(number)", atMs: clock.nowMs)
                broker.append(draft, to: room, keeping: minute) { _ in }
            }
            _ = try await broker.append(Draft("last", atMs: clock.nowMs), to: room, keeping: minute)
            clock.advance(byMs: 3_600_000)
            let read = try await broker.read(room, after: 0, limit: 10, keeping: minute)
            #expect(read.floor == 1_502)
            // The deletion was asked for before the read returned: this commit comes after it.
            _ = try await broker.append(Draft("a"), to: StreamName("chat/2"))
            let page = try await broker.read(room, after: 0, limit: 10, keeping: .plenty)
            #expect(page.floor == 1_502)
            #expect(page.top == 1_501)
        }
    }

    @Test
    func `forgets passing streams that nobody listens to, and says so by another epoch`()
        async throws
    {
        try await withDatabase { database in
            let broker = SQLiteBroker(database)
            let attached = StreamName("typing/attached")
            let listener = RecordingListener()
            _ = try await broker.attach(listener, to: attached, keeping: .nothing)
            _ = try await broker.append(Draft("a"), to: attached, keeping: .nothing)
            let before = try await broker.append(Draft("a"), to: room, keeping: .nothing)
            for number in 1...10_000 {
                let stream = StreamName("typing/\(number)")
                broker.append(Draft("a"), to: stream, keeping: .nothing) { _ in }
            }
            let after = try await broker.append(Draft("a"), to: room, keeping: .nothing)
            #expect(after.position.offset == 1)
            #expect(after.position.epoch != before.position.epoch)
            let next = try await broker.append(Draft("b"), to: attached, keeping: .nothing)
            #expect(next.position.offset == 2)
            #expect(listener.offsets == [1, 2])
            #expect(listener.epochs.count == 1)
        }
    }
}
