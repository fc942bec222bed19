/// The number of a COMMIT whose messages are being stored.
package typealias CommitNumber = UInt32

/// A session's STOMP transactions: messages held back, and commits under way.
struct Transactions: Sendable {
    struct Commit {
        let number: CommitNumber
        let requests: [PublishRequest]
        /// Carried out once all of the requests are stored.
        let acknowledgements: [Acknowledgement]
    }

    enum Settlement {
        case unfinished
        case done([Acknowledgement], receipt: String?)
        case failed(Refusal, receipt: String?)
    }

    private struct Tally {
        var unfinished: Int
        let acknowledgements: [Acknowledgement]
        let receipt: String?
        var refusal: Refusal?
    }

    private var held: [String: [PublishRequest]] = [:]
    private var heldAcknowledgements: [String: [Acknowledgement]] = [:]
    /// Of the bodies in all of `held`.
    private(set) var heldBytes = 0
    private var tallies: [CommitNumber: Tally] = [:]
    private var commitLast: CommitNumber = 0

    /// Whether nothing is held back or under way, so that new ones could take their place.
    var isEmpty: Bool { held.isEmpty && tallies.isEmpty }

    /// How many messages a transaction holds; 0 where there is none of that name.
    func count(of name: String) -> Int { held[name]?.count ?? 0 }

    /// Whether the messages of a commit are being stored.
    var isCommitting: Bool { !tallies.isEmpty }

    mutating func begin(_ name: String, within limits: SessionLimits) throws(Refusal) {
        guard name.utf8.count <= limits.nameBytesMax else {
            throw Refusal(.tooLarge, "the transaction's name is too long")
        }
        guard held[name] == nil else {
            throw Refusal(.badFrame, "the transaction has begun already")
        }
        guard held.count < limits.transactionsMax else {
            throw Refusal(.tooLarge, "the session has too many open transactions")
        }
        held[name] = []
    }

    mutating func hold(
        _ request: PublishRequest, for name: String, within limits: SessionLimits
    ) throws(Refusal) {
        guard let count = held[name]?.count else { throw Self.unknown }
        guard count < limits.unacknowledgedMax,
            heldBytes + request.body.count <= limits.transactionBytesMax
        else {
            throw Refusal(.tooLarge, "the session's transactions hold too much")
        }
        held[name]?.append(request)
        heldBytes += request.body.count
    }

    mutating func hold(
        _ acknowledgement: Acknowledgement, for name: String, within limits: SessionLimits
    ) throws(Refusal) {
        guard held[name] != nil else { throw Self.unknown }
        guard heldAcknowledgements[name, default: []].count < limits.unacknowledgedMax else {
            throw Refusal(.tooLarge, "the transaction acknowledges too many messages")
        }
        heldAcknowledgements[name, default: []].append(acknowledgement)
    }

    mutating func commit(_ name: String, receipt: String?) throws(Refusal) -> Commit {
        let (requests, acknowledgements) = try take(name)
        commitLast &+= 1
        if !requests.isEmpty {
            tallies[commitLast] = Tally(
                unfinished: requests.count, acknowledgements: acknowledgements, receipt: receipt)
        }
        return Commit(
            number: commitLast, requests: requests, acknowledgements: acknowledgements)
    }

    mutating func abort(_ name: String) throws(Refusal) {
        _ = try take(name)
    }

    private mutating func take(
        _ name: String
    ) throws(Refusal) -> ([PublishRequest], [Acknowledgement]) {
        guard let requests = held.removeValue(forKey: name) else { throw Self.unknown }
        heldBytes -= requests.reduce(0) { $0 + $1.body.count }
        return (requests, heldAcknowledgements.removeValue(forKey: name) ?? [])
    }

    /// Drops a commit none of whose messages was published.
    mutating func forget(_ number: CommitNumber) {
        tallies[number] = nil
    }

    /// Counts one message of a commit as finished; the commit fails with its first refusal.
    mutating func settle(_ number: CommitNumber, refusal: Refusal?) -> Settlement {
        guard var tally = tallies[number] else { return .unfinished }
        tally.unfinished -= 1
        tally.refusal = tally.refusal ?? refusal
        guard tally.unfinished == 0 else {
            tallies[number] = tally
            return .unfinished
        }
        tallies[number] = nil
        if let refusal = tally.refusal { return .failed(refusal, receipt: tally.receipt) }
        return .done(tally.acknowledgements, receipt: tally.receipt)
    }

    private static let unknown = Refusal(.badFrame, "the session has no such transaction")
}
