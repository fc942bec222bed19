import TestSupport
import Testing

@testable import Transport

/// What is asked of the server about channels, event by event.
struct RedisSubscriptionsTests {
    private typealias Subscriptions = RedisSubscriptions<String>

    private let a: [UInt8] = [97]
    private let b: [UInt8] = [98]

    /// Connected, with channel `a` confirmed.
    private func confirmed() -> Subscriptions {
        var subscriptions = Subscriptions()
        _ = subscriptions.want(a, "one")
        subscriptions.connected()
        _ = subscriptions.nextBatch()
        _ = subscriptions.subscribed(to: a)
        return subscriptions
    }

    @Test func `what is wanted before there is a connection is asked for with it`() {
        var subscriptions = Subscriptions()
        #expect(subscriptions.want(b, "one") == .none)
        #expect(subscriptions.want(a, "two") == .none)
        #expect(subscriptions.nextBatch() == [])
        subscriptions.connected()
        #expect(!subscriptions.isRestored)
        #expect(subscriptions.nextBatch() == [b, a])
        #expect(subscriptions.subscribed(to: b) == .subscribed)
        #expect(!subscriptions.isRestored)
        #expect(subscriptions.subscribed(to: a) == .subscribed)
        #expect(subscriptions.isRestored)
        #expect(subscriptions.confirmed == [b, a])
    }

    @Test func `a channel that nobody wanted before holds nothing up`() {
        var subscriptions = Subscriptions()
        subscriptions.connected()
        #expect(subscriptions.isRestored)
        #expect(subscriptions.want(a, "one") == .subscribe)
        #expect(subscriptions.isRestored)
    }

    @Test func `a batch has its bound, and the next one waits for it`() {
        var subscriptions = Subscriptions(batchMax: 2)
        for channel in 1...5 as ClosedRange<UInt8> { _ = subscriptions.want([channel], "x") }
        subscriptions.connected()
        #expect(subscriptions.nextBatch() == [[1], [2]])
        #expect(subscriptions.nextBatch() == [])
        _ = subscriptions.subscribed(to: [1])
        #expect(subscriptions.nextBatch() == [])
        _ = subscriptions.subscribed(to: [2])
        #expect(subscriptions.nextBatch() == [[3], [4]])
    }

    @Test func `what isn't confirmed has no listener yet`() {
        var subscriptions = Subscriptions()
        _ = subscriptions.want(a, "one")
        subscriptions.connected()
        _ = subscriptions.nextBatch()
        #expect(subscriptions.listener(of: a) == nil)
        _ = subscriptions.subscribed(to: a)
        #expect(subscriptions.listener(of: a) == "one")
    }

    @Test func `another listener takes the place of the one before, and is told`() {
        var subscriptions = confirmed()
        #expect(subscriptions.want(a, "two") == .subscribed)
        #expect(subscriptions.listener(of: a) == "two")
    }

    @Test func `the end of a subscription is asked for once, and nothing is heard meanwhile`() {
        var subscriptions = confirmed()
        #expect(subscriptions.drop(a) == .unsubscribe)
        #expect(subscriptions.drop(a) == .none)
        #expect(subscriptions.listener(of: a) == nil)
        #expect(subscriptions.unsubscribed(from: a) == .none)
        #expect(subscriptions.nextBatch() == [])
    }

    @Test func `a channel that is wanted again is asked for once its end is confirmed`() {
        var subscriptions = confirmed()
        #expect(subscriptions.drop(a) == .unsubscribe)
        #expect(subscriptions.want(a, "two") == .none)
        #expect(subscriptions.nextBatch() == [])
        #expect(subscriptions.unsubscribed(from: a) == .subscribe)
        #expect(subscriptions.nextBatch() == [a])
        #expect(subscriptions.subscribed(to: a) == .subscribed)
        #expect(subscriptions.listener(of: a) == "two")
    }

    @Test func `a channel that is left while it is asked for is ended once it is confirmed`() {
        var subscriptions = Subscriptions()
        subscriptions.connected()
        _ = subscriptions.want(a, "one")
        #expect(subscriptions.nextBatch() == [a])
        #expect(subscriptions.drop(a) == .none)
        #expect(subscriptions.subscribed(to: a) == .unsubscribe)
        #expect(subscriptions.unsubscribed(from: a) == .none)
        #expect(subscriptions.confirmed == [])
    }

    @Test func `a channel that is left and wanted again while it is asked for just stays`() {
        var subscriptions = Subscriptions()
        subscriptions.connected()
        _ = subscriptions.want(a, "one")
        _ = subscriptions.nextBatch()
        #expect(subscriptions.drop(a) == .none)
        #expect(subscriptions.want(a, "two") == .none)
        #expect(subscriptions.subscribed(to: a) == .subscribed)
        #expect(subscriptions.listener(of: a) == "two")
    }

    @Test func `a channel that is left before it is asked for is forgotten`() {
        var subscriptions = Subscriptions()
        subscriptions.connected()
        _ = subscriptions.want(a, "one")
        #expect(subscriptions.drop(a) == .none)
        #expect(subscriptions.nextBatch() == [])
        _ = subscriptions.want(a, "one")
        #expect(subscriptions.nextBatch() == [a])
    }

    @Test func `after a loss everything wanted is asked for again, and nothing else`() {
        var subscriptions = confirmed()
        _ = subscriptions.want(b, "two")
        _ = subscriptions.want([99], "three")
        _ = subscriptions.nextBatch()
        _ = subscriptions.subscribed(to: [99])
        _ = subscriptions.drop([99])
        subscriptions.disconnected()
        #expect(subscriptions.listener(of: a) == nil)
        subscriptions.connected()
        #expect(subscriptions.nextBatch() == [a, b])
    }

    @Test func `what is left while it is being restored is not waited for`() {
        var subscriptions = confirmed()
        _ = subscriptions.want(b, "two")
        subscriptions.connected()
        _ = subscriptions.nextBatch()
        _ = subscriptions.subscribed(to: a)
        #expect(!subscriptions.isRestored)
        _ = subscriptions.drop(b)
        #expect(subscriptions.isRestored)
        #expect(subscriptions.subscribed(to: b) == .unsubscribe)
        #expect(subscriptions.isRestored)
    }

    @Test func `answers that nobody waits for change nothing`() {
        var subscriptions = confirmed()
        #expect(subscriptions.subscribed(to: a) == .none)
        #expect(subscriptions.unsubscribed(from: a) == .none)
        #expect(subscriptions.subscribed(to: b) == .none)
        #expect(subscriptions.listener(of: a) == "one")
    }

    /// Against a server that answers in order, as Redis does: whatever users do, and whenever the
    /// connection is lost, in the end exactly what is wanted is subscribed to, and nothing was asked
    /// about a channel while an answer about it was to come.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `any order of events ends in what is wanted`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var subscriptions = Subscriptions(batchMax: 3)
        var wanted: Set<[UInt8]> = []
        var asked: [(channel: [UInt8], isEnd: Bool)] = []
        var isConnected = false
        func ask(_ channel: [UInt8], isEnd: Bool) {
            #expect(!asked.contains { $0.channel == channel })
            asked.append((channel, isEnd))
        }
        func take(_ action: Subscriptions.Action, _ channel: [UInt8]) {
            if action == .unsubscribe { ask(channel, isEnd: true) }
        }
        func answer() {
            guard !asked.isEmpty else { return }
            let (channel, isEnd) = asked.removeFirst()
            take(
                isEnd
                    ? subscriptions.unsubscribed(from: channel)
                    : subscriptions.subscribed(to: channel), channel)
        }
        for _ in 0..<200 {
            let channel = [UInt8.random(in: 0..<8, using: &random)]
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<6:
                take(subscriptions.want(channel, "x"), channel)
                wanted.insert(channel)
            case 6..<11:
                take(subscriptions.drop(channel), channel)
                wanted.remove(channel)
            case 11..<15: answer()
            case 15..<19: for channel in subscriptions.nextBatch() { ask(channel, isEnd: false) }
            default:
                asked = []
                isConnected.toggle()
                if isConnected { subscriptions.connected() } else { subscriptions.disconnected() }
            }
        }
        if !isConnected { subscriptions.connected() }
        repeat {
            answer()
            for channel in subscriptions.nextBatch() { ask(channel, isEnd: false) }
        } while !asked.isEmpty
        #expect(Set(subscriptions.confirmed) == wanted)
        #expect(subscriptions.isRestored)
    }
}
