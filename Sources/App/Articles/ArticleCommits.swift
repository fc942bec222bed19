import Engine

/// How changes of articles are committed.
extension Articles {
    /// Carries out a change once, whoever asks for it again by the same claim, and returns what came
    /// of it. `plan` reads the present state and says what is to be committed; it is asked again where
    /// somebody else was first.
    func once(
        _ claim: Claim?,
        _ plan: () async throws(ArticleError) -> (outcome: String, changes: [Change])
    ) async throws(ArticleError) -> String {
        for _ in 0..<Self.attemptsMax {
            let known = try await storing { () throws(StoreError) in
                try await claim?.outcome(in: store)
            }
            if let known { return known }
            let (outcome, changes) = try await plan()
            let taken = claim.map { [$0.taken(for: outcome, nowMs: now())] } ?? []
            if try await commit(changes + taken) { return outcome }
        }
        throw .store(.unavailable("this changes too often"))
    }

    /// Commits changes, and lets those whom they concern be told; false where somebody else was first.
    func commit(_ changes: [Change]) async throws(ArticleError) -> Bool {
        do throws(StoreError) {
            try await store.commit(changes)
            notifications.committed(changes)
            return true
        } catch {
            guard case .conflict = error else { throw .store(error) }
            return false
        }
    }

    /// What the store says, or its trouble.
    func storing<Value>(
        _ question: () async throws(StoreError) -> Value
    ) async throws(ArticleError) -> Value {
        do {
            return try await question()
        } catch {
            throw .store(error)
        }
    }
}
