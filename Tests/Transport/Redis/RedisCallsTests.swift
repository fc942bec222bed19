import Testing

@testable import Transport

/// What waits for replies, and what waits for replicas.
struct RedisCallsTests {
    private func call(_ name: String, isWrite: Bool = false, bytes: Int = 0) -> RedisCall {
        RedisCall(
            content: .command([Array(name.utf8), Array(repeating: 0, count: bytes)]),
            isWrite: isWrite, reply: { _ in })
    }

    private func name(_ call: RedisCall) -> String {
        guard case .command(let command) = call.content else { return "a script" }
        return String(decoding: command[0], as: UTF8.self)
    }

    private func name(_ entry: RedisCalls.Entry?) -> String {
        switch entry {
        case .greeting: "greeting"
        case .probe: "probe"
        case .confirmation: "confirmation"
        case .call(let call): name(call)
        case nil: "nothing"
        }
    }

    @Test func `replies belong to commands in their order`() {
        var calls = RedisCalls()
        calls.sent(.greeting)
        calls.sent(call("one"))
        calls.sent(.probe)
        calls.sent(call("two"))
        let names = (0..<5).map { _ in name(calls.answered()) }
        #expect(names == ["greeting", "one", "probe", "two", "nothing"])
    }

    @Test func `however many wait, the order stays`() {
        var calls = RedisCalls()
        var (sent, answered) = (0, 0)
        for round in 0..<50 {
            for _ in 0..<(round % 7) * 100 {
                calls.sent(call(String(sent)))
                sent += 1
            }
            for _ in 0..<min(290, sent - answered) {
                #expect(name(calls.answered()) == String(answered))
                answered += 1
            }
        }
        #expect(calls.removeAll().map(name) == (answered..<sent).map(String.init))
    }

    @Test func `as many wait as may, until one of them is finished`() throws {
        var calls = RedisCalls(callCountMax: 2, callBytesMax: .max)
        let first = call("one")
        for call in [first, call("two")] {
            #expect(calls.admits(call))
            calls.sent(call)
        }
        #expect(!calls.admits(call("three")))
        _ = calls.answered()
        #expect(!calls.admits(call("three")))
        calls.finished(first)
        #expect(calls.admits(call("three")))
    }

    @Test func `as many bytes wait as may, but one call always has room`() {
        var calls = RedisCalls(callCountMax: 10, callBytesMax: 10_000)
        let large = call("large", bytes: 20_000)
        #expect(calls.admits(large))
        calls.sent(large)
        #expect(!calls.admits(call("small")))
        calls.finished(large)
        calls.sent(call("one", bytes: 5_000))
        #expect(calls.admits(call("two", bytes: 4_000)))
        #expect(!calls.admits(call("two", bytes: 6_000)))
    }

    @Test func `one confirmation is under way for all writes before it`() {
        var calls = RedisCalls()
        #expect(calls.beginConfirming() == false)
        let (one, two) = (call("one", isWrite: true), call("two", isWrite: true))
        calls.sent(one)
        calls.sent(two)
        #expect(calls.beginConfirming() == true)
        #expect(calls.beginConfirming() == false)
        for write in [one, two] {
            _ = calls.answered()
            calls.hold(write, .integer(1))
        }
        #expect(name(calls.answered()) == "confirmation")
        #expect(calls.confirmed().map { name($0.call) } == ["one", "two"])
        #expect(calls.beginConfirming() == false)
    }

    @Test func `a write behind a confirmation waits for the next one`() {
        var calls = RedisCalls()
        calls.sent(call("one", isWrite: true))
        #expect(calls.beginConfirming() == true)
        calls.sent(call("two", isWrite: true))
        #expect(calls.beginConfirming() == false)
        calls.hold(call("one", isWrite: true), .null)
        #expect(calls.confirmed().map { name($0.call) } == ["one"])
        #expect(calls.beginConfirming() == true)
    }

    @Test func `what only reads needs no confirmation`() {
        var calls = RedisCalls()
        calls.sent(call("one"))
        #expect(calls.beginConfirming() == false)
    }

    @Test func `in the end every call comes out once, those that were held first`() {
        var calls = RedisCalls()
        let held = call("held", isWrite: true)
        calls.sent(held)
        calls.sent(.probe)
        calls.sent(call("waiting"))
        _ = calls.answered()
        calls.hold(held, .null)
        #expect(calls.removeAll().map(name) == ["held", "waiting"])
        #expect(calls.removeAll().isEmpty)
        #expect(name(calls.answered()) == "nothing")
        #expect(calls.beginConfirming() == false)
    }
}
