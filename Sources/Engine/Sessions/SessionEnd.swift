/// How a session ends, and what it asks before it goes on.
extension Session {
    // MARK: The end

    /// Refuses something that concerns the session: what the connection itself found wrong, a token
    /// that ran out. Ends the session unless the code spares it and the client listens for errors.
    public func refuse(_ refusal: Refusal, receipt: String? = nil) {
        guard !hasEnded else { return }
        let queue = refusal.code.sparesTheSession ? errorQueue : nil
        emit(.refused(refusal, receipt: receipt, queue: queue))
        if queue == nil { end() }
    }

    var errorQueue: SubscriptionWire? {
        for subscription in subscriptions {
            if case .errors(let wire) = subscription.state { return wire }
        }
        return nil
    }

    /// Says goodbye in order: the receipt follows when everything sent before is stored.
    public func disconnect(receipt: String?) {
        guard !hasEnded else { return }
        phase = .leaving(receipt: receipt)
        awaitAcknowledgements()
        leaveIfDone()
    }

    /// Takes no further request and leaves its rooms; once everything the client asked for before is
    /// done, sends it away with the time after which it may come back.
    public func goAway(reconnectAfterMs: Int64) {
        switch phase {
        case .open: phase = .goingAway(reconnectAfterMs: reconnectAfterMs)
        // Who says goodbye is answered that.
        case .leaving: break
        case .goingAway, .ended: return
        }
        leaveRooms()
        awaitAcknowledgements()
        leaveIfDone()
    }

    func leaveIfDone() {
        guard unacknowledged == 0 else { return }
        switch phase {
        case .leaving(let receipt):
            // First, so that what its rooms said before comes before the goodbye.
            leaveRooms()
            emit(.disconnected(receipt: receipt))
            end()
        case .goingAway(let reconnectAfterMs):
            guard routing == nil else { return }
            refuse(.goingAway(reconnectAfterMs: reconnectAfterMs))
        case .open, .ended:
            break
        }
    }

    /// Leaves every room. Publications already handed over are stored all the same; nobody is told.
    public func end() {
        guard !hasEnded else { return }
        phase = .ended
        routing?.cancel()
        routing = nil
        leaveRooms()
        subscriptions = []
        transactionsBox = nil
        writeAcknowledgements()
    }

    /// Ends every subscription but the error queue.
    func leaveRooms() {
        for subscription in subscriptions { release(subscription) }
        subscriptions.removeAll { !$0.isErrorQueue }
    }

    /// The receipt of a request that was done; nil: none was asked for.
    func emit(_ receipt: String?) {
        if let receipt { emit(.receipt(id: receipt)) }
    }

    func emit(_ event: SessionEvent) {
        if !hasEnded { outlet.send(event, to: endpoint) }
    }

    // MARK: Routing

    /// Asks the directory, with the session closed to further requests so that their order holds.
    func lookUp(
        _ destination: String, for action: DestinationAction, receipt: String?,
        then proceed: @escaping @Sendable (isolated Session, Route) async -> Void
    ) {
        let directory = community.directory
        routing = Task {
            do throws(Refusal) {
                let route = try await underPresentAuthority { identity throws(Refusal) in
                    try await directory.route(destination, for: action, by: identity)
                }
                if let route { await proceed(self, route) }
            } catch {
                refuse(error, receipt: receipt)
            }
            finishRouting()
        }
    }

    func finishRouting() {
        guard !hasEnded else { return }
        routing = nil
        // What followed the answer may have taken its time, and the authority changed in it.
        guard !isVerificationDue else { return verifyAnew() }
        // What ended meanwhile had to wait for it.
        writeAcknowledgements()
        leaveIfDone()
        if isReady { emit(.readable) }
    }
}
