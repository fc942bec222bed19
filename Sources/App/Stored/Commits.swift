import Engine

/// Why an operation on the community's data was not carried out, the store's trouble among others.
protocol DomainError: Error {
    static func store(_ error: StoreError) -> Self
}

/// How changes of the community's data are committed: by any number of nodes at the same time, each
/// from the state it has read, and again where somebody else was first.
enum Commits {
    /// How often a change is tried.
    static let attemptsMax = 32
}

extension Store {
    /// Carries out a change once, whoever asks for it again by the same claim, and returns what came
    /// of it. `plan` reads the present state and says what is to be committed; it is asked again where
    /// somebody else was first. `afterwards` is told what was committed.
    func once<Failure: DomainError>(
        _ claim: Claim?, atMs nowMs: Int64, afterwards: ([Change]) -> Void = { _ in },
        _ plan: () async throws(Failure) -> (outcome: String, changes: [Change])
    ) async throws(Failure) -> String {
        for _ in 0..<Commits.attemptsMax {
            let known: String? = try await Failure.storing { () throws(StoreError) in
                try await claim?.outcome(in: self)
            }
            if let known { return known }
            let (outcome, changes) = try await plan()
            let taken = claim.map { [$0.taken(for: outcome, nowMs: nowMs)] } ?? []
            let isDone: Bool = try await Failure.storing { () throws(StoreError) in
                try await isCommitted(changes + taken)
            }
            if isDone {
                afterwards(changes)
                return outcome
            }
        }
        throw .store(.unavailable("this changes too often"))
    }

    /// Commits; false where somebody else was first. An image that is gone, or belongs to something
    /// already, stays so: that conflict is thrown.
    func isCommitted(_ changes: [Change]) async throws(StoreError) -> Bool {
        do {
            try await commit(changes)
            return true
        } catch {
            guard case .conflict(let key) = error, key.collection != StoredImage.collection
            else { throw error }
            return false
        }
    }
}

extension DomainError {
    /// What the store says, or its trouble as a failure of this kind.
    static func storing<Value>(
        _ question: () async throws(StoreError) -> Value
    ) async throws(Self) -> Value {
        do {
            return try await question()
        } catch {
            throw .store(error)
        }
    }
}
