import Engine
import TestSupport
import Testing

/// Where streams stand, as every broker owes it.
struct BrokerTopsContractTests {
    private let first = StreamName("chat/1")
    private let second = StreamName("chat/2")
    private let unknown = StreamName("chat/3")

    @Test(arguments: Adapter.allCases)
    func `tells where each stream stands, in the order asked for`(
        _ adapter: Adapter
    ) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let position = try await broker.append(Draft("a"), to: first).position
            _ = try await broker.append(Draft("b"), to: second)
            _ = try await broker.append(Draft("c"), to: second)
            let tops = try await broker.tops(of: [second, unknown, first], keeping: .plenty)
            #expect(tops.map(\.top) == [2, 0, 1])
            #expect(tops.map(\.floor) == [1, 1, 1])
            #expect(tops.map { $0.newest?.text } == ["c", nil, "a"])
            #expect(tops.allSatisfy { $0.epoch == position.epoch })
        }
    }

    @Test(arguments: Adapter.allCases)
    func `counts as kept what the retention keeps`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let startMs = subject.clock.nowMs
            for number in 0..<5 as Range<Int64> {
                let draft = Draft("\(number)", atMs: startMs + number * 1_000)
                _ = try await broker.append(draft, to: first)
            }
            subject.clock.advance(byMs: 5_000)
            let few = try await broker.tops(of: [first], keeping: Retention(countMax: 2))
            #expect(few.map(\.floor) == [4])
            #expect(few.first?.newest?.text == "4")
            let young = Retention(countMax: 100, ageMaxMs: 500)
            let aged = try await broker.tops(of: [first], keeping: young)
            #expect(aged.map(\.top) == [5])
            #expect(aged.map(\.floor) == [6])
            #expect(aged.first?.newest == nil)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `tells where a passing-through stream stands, and keeps nothing of it`(
        _ adapter: Adapter
    ) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let position = try await broker.append(Draft("a"), to: first, keeping: .nothing)
                .position
            broker.enter(Member(user: UserID(7), name: "Mina"), first)
            let tops = try await broker.tops(of: [first], keeping: .nothing)
            #expect(tops.map(\.epoch) == [position.epoch])
            #expect(tops.map(\.top) == [2])
            #expect(tops.map(\.floor) == [3])
            #expect(tops.first?.newest == nil)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `tells nothing of no stream`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let tops = try await subject.port.tops(of: [], keeping: .plenty)
            #expect(tops.isEmpty)
        }
    }

    @Test(arguments: Adapter.allCases)
    func `knows whatever an announcement told of`(_ adapter: Adapter) async throws {
        try await withBroker(adapter) { subject in
            let broker = subject.port
            let (tops, reported) = AsyncStream.makeStream(of: (UInt64, UInt64).self)
            let listener = ForwardingListener { publications in
                let last = publications.last?.offset ?? 0
                Task {
                    let top = try await broker.tops(of: [first], keeping: .plenty)[0].top
                    reported.yield((last, top))
                    if last == 50 { reported.finish() }
                }
            }
            _ = try await broker.attach(listener, to: first, keeping: .plenty)
            for number in 1...50 {
                broker.append(Draft("\(number)"), to: first, keeping: .plenty) { _ in }
            }
            for await (announced, top) in tops { #expect(top >= announced) }
        }
    }
}
