import Testing

@testable import Engine

struct TransactionsTests {
    private static let refusal = Refusal(.forbidden, "no")

    private static func request(_ text: String) -> PublishRequest {
        PublishRequest(destination: "/a", contentType: "", body: Array(text.utf8))
    }

    @Test func `a commit gives back what was held, in order`() throws {
        var transactions = Transactions()
        try transactions.begin("t", within: SessionLimits(transactionsMax: 1))
        try transactions.hold(
            Self.request("one"), for: "t", within: SessionLimits(unacknowledgedMax: 2))
        try transactions.hold(
            Self.request("two"), for: "t", within: SessionLimits(unacknowledgedMax: 2))
        let commit = try transactions.commit("t", receipt: nil)
        #expect(commit.requests.map(\.body) == [Array("one".utf8), Array("two".utf8)])
    }

    @Test func `a name can be used again after its end`() throws {
        var transactions = Transactions()
        try transactions.begin("t", within: SessionLimits(transactionsMax: 1))
        try transactions.abort("t")
        try transactions.begin("t", within: SessionLimits(transactionsMax: 1))
        _ = try transactions.commit("t", receipt: nil)
        try transactions.begin("t", within: SessionLimits(transactionsMax: 1))
    }

    @Test func `a transaction that has begun does not begin again`() throws {
        var transactions = Transactions()
        try transactions.begin("t", within: SessionLimits(transactionsMax: 2))
        #expect(throws: Refusal.self) {
            try transactions.begin("t", within: SessionLimits(transactionsMax: 2))
        }
    }

    @Test func `what never began is not held for, committed or aborted`() {
        var transactions = Transactions()
        #expect(throws: Refusal.self) {
            try transactions.hold(
                Self.request("one"), for: "t", within: SessionLimits(unacknowledgedMax: 2))
        }
        #expect(throws: Refusal.self) { _ = try transactions.commit("t", receipt: nil) }
        #expect(throws: Refusal.self) { try transactions.abort("t") }
    }

    @Test func `both limits hold`() throws {
        var transactions = Transactions()
        try transactions.begin("t", within: SessionLimits(transactionsMax: 1))
        let tooMany = #expect(throws: Refusal.self) {
            try transactions.begin("u", within: SessionLimits(transactionsMax: 1))
        }
        #expect(tooMany?.code == .tooLarge)
        try transactions.hold(
            Self.request("one"), for: "t", within: SessionLimits(unacknowledgedMax: 1))
        let tooLong = #expect(throws: Refusal.self) {
            try transactions.hold(
                Self.request("two"), for: "t", within: SessionLimits(unacknowledgedMax: 1))
        }
        #expect(tooLong?.code == .tooLarge)
    }

    @Test func `a commit is done with its last message, whichever that is`() throws {
        var transactions = Transactions()
        let first = try committed(2, receipt: "r", in: &transactions)
        let second = try committed(1, receipt: "q", in: &transactions)
        #expect(transactions.settle(first, refusal: nil).line == "unfinished")
        #expect(transactions.settle(second, refusal: nil).line == "done q")
        #expect(transactions.settle(first, refusal: nil).line == "done r")
    }

    @Test func `a commit fails with its first refusal, once everything is settled`() throws {
        var transactions = Transactions()
        let number = try committed(3, receipt: "r", in: &transactions)
        #expect(transactions.settle(number, refusal: nil).line == "unfinished")
        #expect(transactions.settle(number, refusal: Self.refusal).line == "unfinished")
        let other = Refusal(.tooLarge, "other")
        #expect(transactions.settle(number, refusal: other).line == "failed forbidden r")
    }

    private func committed(
        _ count: Int, receipt: String?, in transactions: inout Transactions
    ) throws -> CommitNumber {
        try transactions.begin("t", within: SessionLimits(transactionsMax: 8))
        for number in 0..<count {
            try transactions.hold(
                Self.request("\(number)"), for: "t", within: SessionLimits(unacknowledgedMax: 8))
        }
        return try transactions.commit("t", receipt: receipt).number
    }
}

extension Transactions.Settlement {
    fileprivate var line: String {
        switch self {
        case .unfinished: "unfinished"
        case .done(_, let receipt): "done \(receipt ?? "-")"
        case .failed(let refusal, let receipt): "failed \(refusal.code.rawValue) \(receipt ?? "-")"
        }
    }
}
