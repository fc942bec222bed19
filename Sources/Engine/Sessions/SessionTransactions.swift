/// STOMP transactions: messages that wait to be published together.
extension Session {
    /// Bytes of the messages that open transactions hold back.
    package var heldBytes: Int { transactionsBox?.transactions.heldBytes ?? 0 }

    /// Opens a transaction: messages sent in it wait for its commit.
    public func begin(_ transaction: String, receipt: String?) {
        guard !hasEnded else { return }
        do {
            try withTransactions { transactions throws(Refusal) in
                try transactions.begin(transaction, within: community.limits)
            }
            emit(receipt)
        } catch {
            refuse(error, receipt: receipt)
        }
    }

    func hold(_ request: PublishRequest, for name: String) {
        do {
            try withTransactions { transactions throws(Refusal) in
                try transactions.hold(request, for: name, within: community.limits)
            }
        } catch {
            refuse(error, receipt: request.receipt)
        }
    }

    /// Publishes what the transaction holds, in order: all of it, or nothing where one message is
    /// refused. The receipt follows when all of it is stored.
    public func commit(_ transaction: String, receipt: String?) {
        guard !hasEnded else { return }
        let commit: Transactions.Commit
        do {
            // Before it is taken out, so that it can be committed once there is allowance again.
            let count = transactionsBox?.transactions.count(of: transaction) ?? 0
            if count > 0 { try allowance?.take(count, nowMs: community.now()) }
            commit = try withTransactions { transactions throws(Refusal) in
                try transactions.commit(transaction, receipt: receipt)
            }
        } catch {
            return refuse(error, receipt: receipt)
        }
        routing = Task {
            do throws(Refusal) {
                let contents = try await underPresentAuthority { identity throws(Refusal) in
                    try await compose(commit.requests, by: identity)
                }
                guard let contents else { return }
                try check(commit.acknowledgements)
                let rooms = try contents.map { content throws(Refusal) in
                    try community.rooms.room(
                        named: content.route.stream, policy: content.route.policy)
                }
                for (index, request) in commit.requests.enumerated() {
                    append(
                        contents[index].content, for: request, to: rooms[index],
                        commit: commit.number)
                }
                if commit.requests.isEmpty {
                    perform(commit.acknowledgements, committing: receipt)
                }
            } catch {
                withTransactions { $0.forget(commit.number) }
                refuse(error, receipt: receipt)
            }
            finishRouting()
        }
    }

    private func compose(
        _ requests: [PublishRequest], by identity: Identity
    ) async throws(Refusal) -> [(route: RoomRoute, content: Content)] {
        var contents: [(route: RoomRoute, content: Content)] = []
        for request in requests {
            let route = try await community.directory.route(
                request.destination, for: .publish, by: identity)
            switch route {
            case .room(let route):
                contents.append((route, try route.compose(request.body, request.contentType)))
            case .command, .errors:
                // A command can't be taken back where a later message is refused.
                throw Refusal(
                    .noSuchDestination, "transactions hold publications only")
            }
        }
        return contents
    }

    /// Drops a transaction and what it holds.
    public func abort(_ transaction: String, receipt: String?) {
        guard !hasEnded else { return }
        do {
            try withTransactions { transactions throws(Refusal) in
                try transactions.abort(transaction)
            }
            emit(receipt)
        } catch {
            refuse(error, receipt: receipt)
        }
    }
}
