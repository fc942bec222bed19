import Testing

@testable import Engine

struct PublishAllowanceTests {
    /// How many messages it gives at one time.
    private static func takeAll(_ allowance: PublishAllowance, nowMs: Int64) -> Int {
        var count = 0
        while (try? allowance.take(nowMs: nowMs)) != nil { count += 1 }
        return count
    }

    @Test func `gives two seconds' worth at once, and the rate after that`() {
        let allowance = PublishAllowance(perSecond: 10)
        #expect(Self.takeAll(allowance, nowMs: 5_000) == 20)
        #expect(Self.takeAll(allowance, nowMs: 5_099) == 0)
        #expect(Self.takeAll(allowance, nowMs: 5_100) == 1)
        #expect(Self.takeAll(allowance, nowMs: 6_100) == 10)
        #expect(Self.takeAll(allowance, nowMs: 60_000) == 20)
    }

    @Test func `says when the next message is allowed`() throws {
        let allowance = PublishAllowance(perSecond: 10)
        _ = Self.takeAll(allowance, nowMs: 5_000)
        let refusal = #expect(throws: Refusal.self) { try allowance.take(nowMs: 5_030) }
        #expect(refusal?.code == .tooFast)
        #expect(refusal?.retryAfterMs == 70)
        try allowance.take(nowMs: 5_100)
    }

    @Test func `takes several messages together or none`() throws {
        let allowance = PublishAllowance(perSecond: 10)
        try allowance.take(15, nowMs: 5_000)
        let refusal = #expect(throws: Refusal.self) { try allowance.take(6, nowMs: 5_000) }
        #expect(refusal?.retryAfterMs == 100)
        try allowance.take(5, nowMs: 5_000)
    }

    @Test func `what it can never hold takes all of it`() throws {
        let allowance = PublishAllowance(perSecond: 10)
        #expect(throws: Never.self) { try allowance.take(500, nowMs: 5_000) }
        #expect(Self.takeAll(allowance, nowMs: 5_000) == 0)
        #expect(Self.takeAll(allowance, nowMs: 7_000) == 20)
    }

    @Test func `a clock that is set back shuts nobody out`() {
        let allowance = PublishAllowance(perSecond: 10)
        #expect(Self.takeAll(allowance, nowMs: 9_000_000) == 20)
        #expect(Self.takeAll(allowance, nowMs: 5_000) == 20)
    }

    @Test(arguments: [1, 3, 7, 1_000, 1_000_000]) func `holds to every rate`(perSecond: Int) {
        let allowance = PublishAllowance(perSecond: perSecond)
        #expect(Self.takeAll(allowance, nowMs: 1_000) == 2 * perSecond)
        #expect((perSecond - 1...perSecond).contains(Self.takeAll(allowance, nowMs: 2_000)))
    }

    @Test func `a user has one allowance for as long as it matters`() throws {
        let allowances = PublishAllowances(perSecond: 10)
        let held = allowances.allowance(of: UserID(1), nowMs: 5_000)
        try allowances.allowance(of: UserID(2), nowMs: 5_000).take(nowMs: 5_000)
        for user in Int64(3)..<20_000 { _ = allowances.allowance(of: UserID(user), nowMs: 5_000) }
        #expect(allowances.allowance(of: UserID(1), nowMs: 5_000) === held)
        // Used a moment ago, it is still known.
        let used = allowances.allowance(of: UserID(2), nowMs: 5_000)
        #expect(Self.takeAll(used, nowMs: 5_000) == 19)
        #expect(allowances.count <= 4_100)
    }
}
