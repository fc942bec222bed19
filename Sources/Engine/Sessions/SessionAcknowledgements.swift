/// What a session's client says of the messages it was sent, and how that is stored.
extension Session {
    /// How long an acknowledgement without a receipt waits for others, so that they are stored
    /// together.
    private static let writeDelayMs: Int64 = 250
    /// How long the session waits after the store has failed.
    private static let rewriteDelayMs: Int64 = 1_000

    // MARK: Acknowledging

    /// Takes note that the client has dealt with a message, or has not. The receipt follows when
    /// that is stored; a transaction holds it back.
    public func acknowledge(_ request: AcknowledgeRequest) {
        guard !hasEnded else { return }
        do throws(Refusal) {
            let acknowledgement = try acknowledgement(request)
            if let name = request.transaction {
                try withTransactions { transactions throws(Refusal) in
                    try transactions.hold(acknowledgement, for: name, within: community.limits)
                }
            } else {
                try perform(acknowledgement)
            }
        } catch {
            refuse(error, receipt: request.receipt)
        }
    }

    /// Finds out what a request is about; refuses it where it names no message that was sent.
    private func acknowledgement(
        _ request: AcknowledgeRequest
    ) throws(Refusal) -> Acknowledgement {
        let number = try numberOfSubscription(for: request)
        if let durable = durables?[number], !wasSent(request.position, number, durable) {
            throw Refusal(.badFrame, "the subscription was sent no such message")
        }
        return Acknowledgement(
            subscription: number, offset: request.position.offset,
            isNegative: request.isNegative, receipt: request.receipt)
    }

    private func numberOfSubscription(for request: AcknowledgeRequest) throws(Refusal) -> UInt32 {
        guard let id = request.subscription else {
            return try numberOfSubscription(owed: request.position)
        }
        guard let subscription = subscriptions.first(where: { $0.id == id }) else {
            if withdrawn.contains(where: { $0.id == id }) { throw Self.sentOut }
            throw Refusal(.badFrame, "the session has no subscription with this id")
        }
        guard subscription.isAcknowledged else {
            throw Refusal(.badFrame, "the subscription's messages are not acknowledged")
        }
        return subscription.number
    }

    /// The subscription that a message was sent for where the client does not say it. One that has
    /// it acknowledged already is meant only where no other is owed it.
    private func numberOfSubscription(owed position: Position) throws(Refusal) -> UInt32 {
        let candidates = subscriptions.filter { subscription in
            guard subscription.isAcknowledged else { return false }
            guard let durable = durables?[subscription.number] else { return true }
            return wasSent(position, subscription.number, durable)
        }
        let owing = candidates.filter { candidate in
            durables?[candidate.number]?.acknowledgements.contains(position.offset) == false
        }
        guard owing.count <= 1 else {
            throw Refusal(
                .badFrame, "several subscriptions were sent this message-id; add subscription")
        }
        guard let subscription = owing.first ?? candidates.first else {
            // It may have been one of those: only the client knows.
            if !withdrawn.isEmpty { throw Self.sentOut }
            throw Refusal(.badFrame, "no subscription was sent such a message")
        }
        return subscription.number
    }

    /// Spares the session: the client could not know yet.
    private static let sentOut = Refusal(
        .forbidden, "the subscription was taken away before its message was acknowledged")

    private func wasSent(
        _ position: Position, _ number: UInt32, _ durable: DurableSubscription
    ) -> Bool {
        guard position.epoch == durable.acknowledgements.epoch else { return false }
        if position.offset <= durable.sentUpTo { return true }
        guard let subscription = subscriptions.first(where: { $0.number == number }),
            case .live(let room, _) = subscription.state
        else { return false }
        return position.offset <= room.handedOver
    }

    private func perform(_ acknowledgement: Acknowledgement) throws(Refusal) {
        try take(acknowledgement)
        guard let durables else { return emit(acknowledgement.receipt) }
        if let receipt = acknowledgement.receipt {
            enlist(.request(receipt: receipt), in: durables)
        } else if durables.hasWork {
            scheduleWrite(afterMs: Self.writeDelayMs)
        }
    }

    private func take(_ acknowledgement: Acknowledgement) throws(Refusal) {
        let number = acknowledgement.subscription
        guard !acknowledgement.isNegative, var durable = durables?[number] else { return }
        let cursor = durable.acknowledgements.cursor
        guard try durable.acknowledge(acknowledgement.offset) else { return }
        durables?[number] = durable
        let acknowledgements = durable.acknowledgements
        if acknowledgements.cursor > cursor,
            let subscription = subscriptions.first(where: { $0.number == number }),
            case .live(let room, _) = subscription.state
        {
            room.policy.read?(
                identity,
                Position(epoch: acknowledgements.epoch, offset: acknowledgements.cursor),
                .acknowledged)
        }
    }

    // MARK: Transactions

    /// Refuses acknowledgements that could not all be carried out now.
    func check(_ acknowledgements: [Acknowledgement]) throws(Refusal) {
        var trials: [UInt32: DurableSubscription] = [:]
        for acknowledgement in acknowledgements {
            let number = acknowledgement.subscription
            // A session that is being sent away has ended its subscriptions itself.
            if case .open = phase, !subscriptions.contains(where: { $0.number == number }) {
                if withdrawn.contains(where: { $0.number == number }) { throw Self.sentOut }
                throw Refusal(
                    .badFrame, "a subscription of the acknowledged messages has ended since")
            }
            guard !acknowledgement.isNegative, var trial = trials[number] ?? durables?[number]
            else { continue }
            _ = try trial.acknowledge(acknowledgement.offset)
            trials[number] = trial
        }
    }

    /// Carries out what a transaction held, now that everything else of it is stored, and answers
    /// its COMMIT.
    func perform(_ acknowledgements: [Acknowledgement], committing receipt: String?) {
        do throws(Refusal) {
            for acknowledgement in acknowledgements { try take(acknowledgement) }
        } catch {
            return refuse(error, receipt: receipt)
        }
        guard let durables, !acknowledgements.isEmpty else {
            for acknowledgement in acknowledgements { emit(acknowledgement.receipt) }
            return emit(receipt)
        }
        for receipt in acknowledgements.compactMap(\.receipt) {
            enlist(.request(receipt: receipt), in: durables)
        }
        enlist(.request(receipt: receipt), in: durables)
    }

    // MARK: Storing

    /// Lets the session's goodbye wait for what was acknowledged before it.
    func awaitAcknowledgements() {
        guard let durables, durables.isUnwritten else { return }
        enlist(.goodbye, in: durables)
    }

    /// Counts as an unfinished request of the session until everything acknowledged so far is
    /// stored, which begins at once.
    private func enlist(
        _ waiter: DurableSubscriptions.Waiter, in durables: DurableSubscriptions
    ) {
        unacknowledged += 1
        durables.enlist(waiter)
        writeAcknowledgements()
    }

    /// Stores what is not stored yet, in one commit at a time. It goes on when the session has ended,
    /// and keeps the loop from ending before it is done.
    func writeAcknowledgements() {
        forgetEnded()
        guard let durables, durables.writing == nil, durables.hasWork else { return }
        outlet.hold()
        durables.writing = Task {
            await write(durables)
            durables.writing = nil
            forgetEnded()
            outlet.release()
        }
    }

    /// Lets go of subscriptions that nothing can be acknowledged of any more.
    private func forgetEnded() {
        let isCommitting = transactionsBox?.transactions.isCommitting ?? false
        guard let durables, routing == nil, !isCommitting else { return }
        durables.forgetEnded()
        if durables.isEmpty { self.durables = nil }
    }

    private func write(_ durables: DurableSubscriptions) async {
        while let batch = durables.takeBatch() {
            do throws(StoreError) {
                durables.took(try await community.durableStates.write(batch.writes), of: batch)
                settle(batch.waiters, refusal: nil)
            } catch {
                durables.giveBack(batch)
                settle(durables.takeWaiting() + batch.waiters, refusal: Refusal(error))
                // A session that has ended leaves it at that: nothing it gave a receipt for is lost.
                if !hasEnded { scheduleWrite(afterMs: Self.rewriteDelayMs) }
                return
            }
        }
    }

    private func settle(_ waiters: [DurableSubscriptions.Waiter], refusal: Refusal?) {
        for waiter in waiters {
            let wasReady = isReady
            unacknowledged -= 1
            if case .request(let receipt) = waiter {
                if let refusal {
                    refuse(refusal, receipt: receipt)
                } else {
                    emit(receipt)
                }
            }
            goOn(wasReady: wasReady)
        }
    }

    private func scheduleWrite(afterMs delayMs: Int64) {
        guard let durables, !durables.isWriteScheduled else { return }
        durables.isWriteScheduled = true
        loop.schedule(afterMs: delayMs) { [weak self] in
            self?.assumeIsolated { session in
                session.durables?.isWriteScheduled = false
                session.writeAcknowledgements()
            }
        }
    }
}
