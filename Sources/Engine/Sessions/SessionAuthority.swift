/// How a session's authority follows what the community decides while it is open.
extension Session {
    /// Goes on with a fresh token of the same user; what was allowed by the old one is asked anew.
    public func renew(_ identity: Identity, receipt: String?) {
        guard !hasEnded else { return }
        guard identity.user == self.identity.user else {
            return refuse(
                Refusal(.badCredentials, "the token belongs to another user"), receipt: receipt)
        }
        self.identity = identity
        emit(receipt)
        verifyAnew()
    }

    /// Takes note that the user's authority may have changed: asks who the client is now, and for
    /// each subscription whether it may still have it. Meanwhile the session takes no request.
    public func verifyAnew() {
        guard !hasEnded else { return }
        isVerificationDue = true
        publishRoutes = []
        // A request that is being looked up is verified first, and then looked up again.
        guard routing == nil else { return }
        routing = Task {
            await verifyIfDue()
            finishRouting()
        }
    }

    /// The answer to a question under the authority that the user has when it arrives: where that
    /// changed on the way, or rooms were closed, the question is asked again. Nil once the session
    /// has ended.
    func underPresentAuthority<Answer: Sendable>(
        _ ask: (Identity) async throws(Refusal) -> Answer
    ) async throws(Refusal) -> Answer? {
        while true {
            await verifyIfDue()
            if hasEnded { return nil }
            let closingCount = community.rooms.closingCount
            let outcome: Result<Answer, Refusal>
            do throws(Refusal) {
                outcome = .success(try await ask(identity))
            } catch {
                outcome = .failure(error)
            }
            if hasEnded { return nil }
            if !isVerificationDue, closingCount == community.rooms.closingCount {
                return try outcome.get()
            }
        }
    }

    /// Verifies until nothing has changed since it began.
    func verifyIfDue() async {
        while isVerificationDue, !hasEnded {
            isVerificationDue = false
            do throws(Refusal) {
                try await verifyIdentity()
                try await verifySubscriptions()
            } catch {
                guard error.code == .storeUnavailable else { return refuse(error) }
                // Nobody can tell now. The session waits, since the answer may be no.
                isVerificationDue = true
                await pause(forMs: Self.verificationPauseMs)
            }
        }
    }

    /// How long a session waits before it asks again who its client is, when nobody could tell.
    private static let verificationPauseMs: Int64 = 250

    private func verifyIdentity() async throws(Refusal) {
        let asked = identity
        do throws(Refusal) {
            let present = try await community.authenticator.verifyAnew(asked)
            guard identity === asked else { return isVerificationDue = true }
            identity = present
            if present.name != asked.name { introduceAnew() }
        } catch {
            // What came of a token that was renewed meanwhile is of no interest.
            guard identity === asked else { return isVerificationDue = true }
            throw error
        }
    }

    /// Tells the user's rooms the name that others see from here on.
    private func introduceAnew() {
        let member = Member(user: identity.user, name: identity.name)
        for subscription in subscriptions {
            if case .live(let room, _) = subscription.state { room.rename(member) }
        }
    }

    private func verifySubscriptions() async throws(Refusal) {
        for number in subscriptions.map(\.number) {
            guard
                let subscription = subscriptions.first(where: { $0.number == number }),
                !subscription.isErrorQueue
            else { continue }
            do throws(Refusal) {
                _ = try await community.directory.route(
                    subscription.destination, for: .subscribe, by: identity)
            } catch {
                if hasEnded || isVerificationDue { return }
                guard error.code != .storeUnavailable else { throw error }
                withdraw(number, because: error)
            }
            if hasEnded || isVerificationDue { return }
        }
    }

    /// Ends a subscription that its user may have no more. The client hears of it on its error queue;
    /// without one the session ends.
    private func withdraw(_ number: UInt32, because refusal: Refusal) {
        guard let index = subscriptions.firstIndex(where: { $0.number == number }) else { return }
        let subscription = subscriptions.remove(at: index)
        release(subscription, .atOnce)
        withdrawn.append(WithdrawnSubscription(number: number, id: subscription.id))
        if withdrawn.count > community.limits.subscriptionsMax { withdrawn.removeFirst() }
        let queue = refusal.code.sparesTheSession ? errorQueue : nil
        emit(
            .withdrawn(
                id: subscription.id, destination: subscription.destination, refusal, queue: queue))
        if queue == nil { end() }
    }

    private func pause(forMs durationMs: Int64) async {
        await withCheckedContinuation { continuation in
            loop.schedule(afterMs: durationMs) { continuation.resume() }
        }
    }
}
