import Engine
import TestSupport
import Testing

/// Attaching, detaching, passing through, and failing.
struct BrokerListenerContractTests {
    private let room = StreamName("chat/1")

    @Test(arguments: Adapter.allCases, [Retention.plenty, .nothing])
    func `tells a listener what follows the top it was given, once`(
        _ adapter: Adapter, _ retention: Retention
    ) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let appending = Task {
                for number in 1...500 {
                    broker.append(Draft("\(number)"), to: room, keeping: retention) { _ in }
                }
            }
            let listener = RecordingListener()
            let attached = try await broker.attach(listener, to: room, keeping: retention)
            await appending.value
            let last = try await broker.append(Draft("last"), to: room, keeping: retention)
            #expect(last.position.offset == 501)
            #expect(listener.offsets == Array(attached.top + 1...501))
        }
    }

    @Test(arguments: Adapter.allCases, [Retention.plenty, .nothing])
    func `tells the second listener instead of the first`(
        _ adapter: Adapter, _ retention: Retention
    ) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let (first, second) = (RecordingListener(), RecordingListener())
            _ = try await broker.attach(first, to: room, keeping: retention)
            _ = try await broker.append(Draft("a"), to: room, keeping: retention)
            let attached = try await broker.attach(second, to: room, keeping: retention)
            #expect(attached.top == 1)
            _ = try await broker.append(Draft("b"), to: room, keeping: retention)
            #expect(first.offsets == [1])
            #expect(second.offsets == [2])
        }
    }

    @Test(arguments: Adapter.allCases, [Retention.plenty, .nothing])
    func `tells a detached listener nothing more`(
        _ adapter: Adapter, _ retention: Retention
    ) async throws {
        try await withBroker(adapter) { subject in
            let listener = RecordingListener()
            _ = try await subject.port.attach(listener, to: room, keeping: retention)
            _ = try await subject.port.append(Draft("a"), to: room, keeping: retention)
            subject.port.detach(room)
            let next = try await subject.port.append(Draft("b"), to: room, keeping: retention)
            #expect(next.position.offset == 2)
            #expect(listener.offsets == [1])
        }
    }

    @Test(arguments: Adapter.allCases, [Retention.plenty, .nothing])
    func `lets a listener append to the stream it hears`(
        _ adapter: Adapter, _ retention: Retention
    ) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let (offsets, heard) = AsyncStream.makeStream(of: UInt64.self)
            let listener = ForwardingListener { publications in
                for publication in publications {
                    heard.yield(publication.offset)
                    guard publication.offset < 5 else { return heard.finish() }
                    broker.append(Draft("again"), to: room, keeping: retention) { _ in }
                }
            }
            _ = try await broker.attach(listener, to: room, keeping: retention)
            _ = try await broker.append(Draft("first"), to: room, keeping: retention)
            #expect(await offsets.reduce(into: []) { $0.append($1) } == [1, 2, 3, 4, 5])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `passes through what is not to be kept`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let listener = RecordingListener()
            let attached = try await broker.attach(listener, to: room, keeping: .nothing)
            let first = try await broker.append(Draft("a", key: "k"), to: room, keeping: .nothing)
            let second = try await broker.append(Draft("a", key: "k"), to: room, keeping: .nothing)
            #expect(first.position == Position(epoch: attached.epoch, offset: 1))
            #expect(second.position.offset == 2)
            #expect(listener.offsets == [1, 2])
            #expect(listener.epochs == [attached.epoch])
            let page = try await broker.read(room, after: 0, limit: 10, keeping: .nothing)
            #expect(page.publications.isEmpty)
            #expect(page.epoch == attached.epoch)
            #expect(page.floor == 3)
            #expect(page.top == 2)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `refuses what it can't store, and goes on as if nothing had been once it can`(
        _ adapter: Adapter
    ) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let listener = RecordingListener()
            _ = try await broker.attach(listener, to: room, keeping: .plenty)
            _ = try await broker.append(Draft("a"), to: room)
            await subject.setFailing(true)
            let large = Draft(String(repeating: "x", count: 1 << 20), key: "k")
            let error = await #expect(throws: BrokerError.self) {
                try await broker.append(large, to: room)
            }
            if case .unavailable = error {} else { Issue.record("\(String(describing: error))") }
            #expect(listener.offsets == [1])
            await subject.setFailing(false)
            let retried = try await broker.append(large, to: room)
            #expect(!retried.isDuplicate)
            #expect(retried.position.offset == 2)
            #expect(listener.offsets == [1, 2])
            let page = try await broker.read(room, after: 0, limit: 10, keeping: .plenty)
            #expect(page.publications.map(\.offset) == [1, 2])
        }
    }
}
