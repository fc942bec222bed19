import Engine

/// How changes of articles are committed, and those whom they concern told.
extension Articles {
    /// Carries out a change once, as `Store.once` does.
    func once(
        _ claim: Claim?,
        _ plan: () async throws(ArticleError) -> (outcome: String, changes: [Change])
    ) async throws(ArticleError) -> String {
        try await store.once(claim, atMs: now(), afterwards: notifications.committed, plan)
    }

    /// Commits; false where somebody else was first.
    func isCommitted(_ changes: [Change]) async throws(ArticleError) -> Bool {
        let isDone = try await ArticleError.storing { () throws(StoreError) in
            try await store.isCommitted(changes)
        }
        if isDone { notifications.committed(changes) }
        return isDone
    }
}
