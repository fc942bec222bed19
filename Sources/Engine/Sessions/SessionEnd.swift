/// A session's authority, and how it ends.
extension Session {
    // MARK: Authority and the end

    /// Goes on with a fresh token of the same user; what was allowed by the old one is asked anew.
    public func renew(_ identity: Identity, receipt: String?) {
        guard !hasEnded else { return }
        guard identity.user == self.identity.user else {
            return refuse(
                Refusal(.badCredentials, "the token belongs to another user"), receipt: receipt)
        }
        self.identity = identity
        publishRoutes = []
        emit(receipt)
    }

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
        leaveIfDone()
    }

    func leaveIfDone() {
        guard case .leaving(let receipt) = phase, unacknowledged == 0 else { return }
        // First, so that what its rooms said before comes before the goodbye.
        leaveRooms()
        emit(.disconnected(receipt: receipt))
        end()
    }

    /// Leaves every room. Publications already handed over are stored all the same; nobody is told.
    public func end() {
        guard !hasEnded else { return }
        phase = .ended
        routing?.cancel()
        routing = nil
        leaveRooms()
        transactionsBox = nil
    }

    func leaveRooms() {
        for subscription in exchange(&subscriptions, with: []) { release(subscription) }
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
        then proceed: @escaping @Sendable (isolated Session, Route) -> Void
    ) {
        let directory = community.directory
        let identity = identity
        routing = Task {
            do throws(Refusal) {
                let route = try await directory.route(destination, for: action, by: identity)
                if !hasEnded { proceed(self, route) }
            } catch {
                refuse(error, receipt: receipt)
            }
            finishRouting()
        }
    }

    func finishRouting() {
        guard !hasEnded else { return }
        routing = nil
        if isReady { emit(.readable) }
    }
}
