import Testing

@testable import LoadTest

struct SubscriptionCheckTests {
    /// A subscription that was answered at an offset.
    private func check(at offset: Int64, isDurable: Bool = false) -> SubscriptionCheck {
        var check = SubscriptionCheck(isDurable: isDurable)
        check.subscribe()
        _ = check.answer(offset)
        return check
    }

    @Test func `begins where its first answer says, and nothing comes before that`() {
        var check = SubscriptionCheck()
        check.subscribe()
        #expect(check.take(4) == .early)
        #expect(check.highest == nil)
        #expect(check.answer(4) == .inPlace)
        #expect(check.highest == 4)
        #expect(check.take(5) == .next)
    }

    @Test func `tells what is missing, what comes late and what comes again`() {
        var check = check(at: 0)
        let verdicts = [1, 4, 2, 4, 5].map { check.take($0) }
        #expect(verdicts == [.next, .skipped(2), .late, .repeated, .next])
    }

    @Test func `after a return all that was missed must come before the answer, once`() {
        var check = check(at: 2)
        check.subscribe()
        let verdicts = [3, 4].map { check.take($0) }
        #expect(verdicts == [.next, .next])
        #expect(check.answer(4) == .inPlace)
        check.subscribe()
        #expect(check.take(4) == .repeated)
        #expect(check.answer(6) == .skipped(2))
        #expect(check.take(7) == .next)
    }

    @Test func `an answer below what was seen takes something back`() {
        var check = check(at: 5)
        check.subscribe()
        #expect(check.answer(4) == .behind)
    }

    @Test func `a durable subscription gets again what it has not acknowledged`() {
        var check = check(at: 0, isDurable: true)
        for offset in Int64(1)...4 { #expect(check.take(offset) == .next) }
        check.acknowledge(2)
        check.confirm(2)
        check.subscribe()
        let verdicts = [3, 4, 5].map { check.take($0) }
        #expect(verdicts == [.redelivered, .redelivered, .next])
        #expect(check.answer(5) == .inPlace)
        #expect(check.take(4) == .repeated)
    }

    @Test func `a durable subscription whose first answer was lost goes on all the same`() {
        var check = SubscriptionCheck(isDurable: true)
        check.subscribe()
        check.subscribe()
        #expect([4, 5].map { check.take($0) } == [.next, .next])
        #expect(check.answer(5) == .inPlace)
    }

    @Test func `an acknowledgement that nobody confirmed may have been heard or not`() {
        var heard = check(at: 0, isDurable: true)
        for offset in Int64(1)...3 { _ = heard.take(offset) }
        heard.acknowledge(3)
        heard.subscribe()
        var unheard = heard
        #expect(heard.answer(3) == .inPlace)
        #expect(
            [1, 2, 3, 4].map { unheard.take($0) } == [
                .redelivered, .redelivered, .redelivered, .next,
            ])
    }

    @Test func `what was confirmed must not come again`() {
        var check = check(at: 0, isDurable: true)
        for offset in Int64(1)...3 { _ = check.take(offset) }
        check.acknowledge(2)
        check.confirm(2)
        check.subscribe()
        #expect(check.take(2) == .repeated)
    }

    @Test func `what was not acknowledged is lost where it does not come again`() {
        var check = check(at: 0, isDurable: true)
        for offset in Int64(1)...3 { _ = check.take(offset) }
        check.acknowledge(1)
        check.subscribe()
        var answered = check
        #expect(check.take(4) == .skipped(2))
        #expect(answered.answer(3) == .skipped(2))
    }

    @Test func `what comes again is complete, too`() {
        var check = check(at: 0, isDurable: true)
        for offset in Int64(1)...4 { _ = check.take(offset) }
        check.acknowledge(1)
        check.subscribe()
        #expect(check.take(2) == .redelivered)
        #expect(check.take(4) == .repeated)
    }

    @Test func `what could not be acknowledged may come again, with what lies above it, in order`()
    {
        var check = check(at: 0, isDurable: true)
        for offset in Int64(1)...8 {
            _ = check.take(offset)
            check.acknowledge(offset)
            if [3, 5].contains(offset) { check.refuse(offset) } else { check.confirm(offset) }
        }
        #expect(check.take(3) == .repeated, "not on the same connection")
        check.subscribe()
        #expect([3, 5, 9].map { check.take($0) } == [.redelivered, .redelivered, .next])
        #expect(check.answer(9) == .inPlace)
        check.subscribe()
        #expect(check.take(2) == .repeated)
        check.subscribe()
        #expect([5, 3].map { check.take($0) } == [.redelivered, .repeated])
    }

    @Test func `acknowledgements that a connection took with it are in doubt`() {
        var check = check(at: 0, isDurable: true)
        for offset in Int64(1)...4 {
            _ = check.take(offset)
            check.acknowledge(offset)
        }
        for offset in [1, 4] as [Int64] { check.confirm(offset) }
        check.doubt()
        check.subscribe()
        #expect([2, 3, 5].map { check.take($0) } == [.redelivered, .redelivered, .next])
    }

    @Test func `another life begins where the server says`() {
        var check = check(at: 90, isDurable: true)
        check.restart(after: 4)
        #expect(check.highest == 4)
        #expect([5, 6].map { check.take($0) } == [.next, .next])
        #expect(check.answer(6) == .inPlace)
    }
}
