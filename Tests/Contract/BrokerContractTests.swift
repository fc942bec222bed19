import Engine
import Synchronization
import TestSupport
import Testing

/// What every broker owes, run against each adapter.
struct BrokerContractTests {
    private let room = StreamName("chat/1")

    @Test(arguments: Adapter.allCases)
    func `gives concurrent appends consecutive offsets and keeps each caller's order`(
        _ adapter: Adapter
    ) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let listener = RecordingListener()
            _ = try await broker.attach(listener, to: room, keeping: .plenty)
            await withTaskGroup(of: Void.self) { group in
                for sender in 1...4 as ClosedRange<Int64> {
                    group.addTask {
                        for number in 0..<50 {
                            let draft = Draft("\(number)", from: sender)
                            broker.append(draft, to: room, keeping: .plenty) { _ in }
                        }
                    }
                }
            }
            await listener.hears(200)
            let page = try await broker.read(room, after: 0, limit: 1_000, keeping: .plenty)
            #expect(page.publications.map(\.offset) == Array(1...200))
            for sender in 1...4 as ClosedRange<Int64> {
                let texts = page.publications.filter { $0.sender == UserID(sender) }.map(\.text)
                #expect(texts == (0..<50).map(String.init))
            }
        }
    }

    @Test(arguments: Adapter.allCases)
    func `announces what the log holds, in its order, once`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let listener = RecordingListener()
            let attached = try await broker.attach(listener, to: room, keeping: .plenty)
            await withTaskGroup(of: Void.self) { group in
                for sender in 1...4 as ClosedRange<Int64> {
                    group.addTask {
                        for number in 0..<20 {
                            _ = try? await broker.append(Draft("\(number)", from: sender), to: room)
                        }
                    }
                }
            }
            let page = try await broker.read(room, after: 0, limit: 1_000, keeping: .plenty)
            #expect(page.publications.count == 80)
            #expect(
                listener.publications.map(Sameness.init) == page.publications.map(Sameness.init))
            #expect(listener.epochs == [page.epoch])
            #expect(attached.epoch == page.epoch)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `announces nothing before it can be read`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let (tops, reported) = AsyncStream.makeStream(of: (UInt64, UInt64).self)
            let listener = ForwardingListener { publications in
                let last = publications.last?.offset ?? 0
                Task {
                    let page = try await broker.read(room, after: 0, limit: 0, keeping: .plenty)
                    reported.yield((last, page.top))
                    if last == 50 { reported.finish() }
                }
            }
            _ = try await broker.attach(listener, to: room, keeping: .plenty)
            for number in 1...50 {
                broker.append(Draft("\(number)"), to: room, keeping: .plenty) { _ in }
            }
            for await (announced, top) in tops { #expect(top >= announced) }
        }
    }

    @Test(arguments: Adapter.allCases, [Retention.plenty, .nothing])
    func `replies after the announcement`(_ adapter: Adapter, _ retention: Retention) async throws {
        try await withBroker(adapter) { subject in
            let listener = RecordingListener()
            _ = try await subject.port.attach(listener, to: room, keeping: retention)
            let (replies, replied) = AsyncStream.makeStream(of: (UInt64, Bool).self)
            for number in 1...50 {
                subject.port.append(Draft("\(number)"), to: room, keeping: retention) { result in
                    guard let offset = try? result.get().position.offset else { return }
                    replied.yield((offset, listener.offsets.contains(offset)))
                    if offset == 50 { replied.finish() }
                }
            }
            var offsets: [UInt64] = []
            for await (offset, wasAnnounced) in replies {
                offsets.append(offset)
                #expect(wasAnnounced)
            }
            #expect(offsets == Array(1...50))
        }
    }

    @Test(arguments: Adapter.allCases)
    func `keeps every field of a draft`(_ adapter: Adapter) async throws {
        let draft = Draft(
            sender: .server, senderName: "Zoë \u{0} 🐈", contentType: "", body: [0, 255, 0, 128],
            timestampMs: -5, idempotencyKey: "k")
        try await withBroker(adapter) { subject in
            let broker = subject.port
            _ = try await broker.append(draft, to: room)
            _ = try await broker.append(Draft(""), to: room)
            let page = try await broker.read(room, after: 0, limit: 2, keeping: .plenty)
            #expect(
                page.publications.map(Sameness.init) == [
                    Sameness(Publication(draft, offset: 1)),
                    Sameness(Publication(Draft(""), offset: 2)),
                ])
        }
    }

    @Test(arguments: Adapter.allCases)
    func `counts every stream by itself`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let other = StreamName("chat/2")
            #expect(try await subject.port.append(Draft("a"), to: room).position.offset == 1)
            #expect(try await subject.port.append(Draft("b"), to: other).position.offset == 1)
            #expect(try await subject.port.append(Draft("c"), to: room).position.offset == 2)
            let page = try await subject.port.read(other, after: 0, limit: 9, keeping: .plenty)
            #expect(page.publications.map(\.text) == ["b"])
        }
    }
}

/// A publication as a value that can be compared.
private struct Sameness: Equatable {
    let offset: UInt64
    let sender: UserID
    let senderName: [UInt8]
    let contentType: String
    let body: [UInt8]
    let timestampMs: Int64

    init(_ publication: Publication) {
        offset = publication.offset
        sender = publication.sender
        senderName = Array(publication.senderName.utf8)
        contentType = publication.contentType
        body = publication.body
        timestampMs = publication.timestampMs
    }
}
