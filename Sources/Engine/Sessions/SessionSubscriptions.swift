/// How a session's subscriptions come, catch up, and go.
extension Session {
    /// Subscribes: history first where the request asks for it, the receipt, then live messages.
    public func subscribe(_ request: SubscribeRequest) {
        guard !hasEnded else { return }
        guard !subscriptions.contains(where: { $0.id == request.id }) else {
            let words = "the session already has a subscription with this id"
            return refuse(Refusal(.badFrame, words), receipt: request.receipt)
        }
        do {
            try checkLimits(of: request)
        } catch {
            return refuse(error, receipt: request.receipt)
        }
        lookUp(request.destination, for: .subscribe, receipt: request.receipt) { session, route in
            await session.subscribe(request, by: route)
        }
    }

    private func checkLimits(of request: SubscribeRequest) throws(Refusal) {
        let limits = community.limits
        guard request.id.utf8.count <= limits.nameBytesMax else {
            throw Refusal(.tooLarge, "the subscription's id is too long")
        }
        guard subscriptions.count < limits.subscriptionsMax else {
            throw Refusal(.tooLarge, "the session has too many subscriptions")
        }
        let alikeCount = subscriptions.count { $0.destination == request.destination }
        guard alikeCount < limits.subscriptionsPerDestinationMax else {
            throw Refusal(.tooLarge, "the session has too many subscriptions to this destination")
        }
    }

    func subscribe(_ request: SubscribeRequest, by route: Route) async {
        // Who is being sent away joins nothing any more.
        guard case .open = phase else { return }
        switch route {
        case .command:
            refuse(
                Refusal(.noSuchDestination, "nobody subscribes to this destination"),
                receipt: request.receipt)
        case .errors:
            let wire = SubscriptionWire(
                id: request.id, destination: request.destination, isAcknowledged: false,
                epoch: Epoch(rawValue: 0))
            append(.errors(wire))
            emit(request.receipt)
        case .room(let route) where Self.isDurable(request, by: route):
            await subscribeDurably(request, by: route)
        case .room where request.isDurable:
            refuse(
                Refusal(.badFrame, "nothing of this destination is kept to be sent again"),
                receipt: request.receipt)
        case .room(let route):
            do {
                try append(request, to: route, from: bounded(request.start))
            } catch {
                return refuse(error, receipt: request.receipt)
            }
            resumeNext()
        }
    }

    /// Adds a subscription that is yet to join its room. Returns its number.
    @discardableResult
    func append(
        _ request: SubscribeRequest, to route: RoomRoute, from start: JoinStart
    ) throws(Refusal) -> UInt32 {
        let room = try community.rooms.room(named: route.stream, policy: route.policy)
        return append(.paused(room, request, .starting(start)))
    }

    @discardableResult
    private func append(_ state: Subscription.State) -> UInt32 {
        subscriptionNumberLast += 1
        subscriptions.append(Subscription(number: subscriptionNumberLast, state: state))
        return subscriptionNumberLast
    }

    func bounded(_ start: JoinStart) -> JoinStart {
        if case .last(let count) = start {
            .last(min(count, community.limits.historyMax))
        } else {
            start
        }
    }

    func ask(_ room: Room, for number: UInt32, _ progress: JoinRequest.Progress) {
        let member = Member(user: identity.user, name: identity.name)
        joinsUnderWay += 1
        room.join(
            JoinRequest(outlet: outlet, member: member, progress: progress) { answer in
                self.assumeIsolated { $0.take(answer, from: room, for: number) }
            })
    }

    func take(_ answer: JoinRequest.Answer, from room: Room, for number: UInt32) {
        joinsUnderWay -= 1
        guard !hasEnded, let index = subscriptions.firstIndex(where: { $0.number == number }),
            case .joining(_, let request) = subscriptions[index].state
        else {
            // Unsubscribed, sent out, or the client left, while the room was at work.
            if case .joined(_, _, _, let joined) = answer {
                let isSentOut = withdrawn.contains { $0.number == number }
                joined.leave(from: outlet, identity.user, isSentOut ? .atOnce : .withGrace)
            }
            return resumeNext()
        }
        switch answer {
        case .page(let publications, let cursor, let verdict):
            let owed = owed(publications, upTo: cursor, to: number)
            if !owed.isEmpty {
                emit(.replay(owed, SubscriptionWire(request, epoch: cursor.epoch)))
            }
            subscriptions[index].state = .paused(
                room, request, .caughtUp(cursor: cursor, verdict))
        case .joined(let replay, let position, let verdict, let joined):
            let wire = SubscriptionWire(request, epoch: position.epoch)
            let owed = owed(replay, upTo: position, to: number)
            if !owed.isEmpty { emit(.replay(owed, wire)) }
            if let receipt = request.receipt {
                emit(.subscribed(receipt: receipt, position: position, verdict))
            }
            // Kept is the one that the room's other members have, too.
            subscriptions[index].state = .live(
                joined, outlet.join(joined.key, wire, endpoint: endpoint))
        case .refused(let refusal):
            release(subscriptions.remove(at: index))
            writeAcknowledgements()
            refuse(refusal, receipt: request.receipt)
        }
        resumeNext()
    }

    /// The client has taken what was on its way: subscriptions that paused go on.
    public func drained() {
        resumeNext()
    }

    /// Lets one subscription go on, unless much waits for the client already. The answer to it lets
    /// the next one: a client that resumes many rooms at once is not buried under their histories,
    /// and neither are the rooms.
    func resumeNext() {
        guard !hasEnded, !outlet.isCongested(endpoint),
            Int(joinsUnderWay) < community.limits.joinsMax
        else { return }
        for index in subscriptions.indices {
            guard case .paused(let room, let request, let progress) = subscriptions[index].state
            else { continue }
            subscriptions[index].state = .joining(room, request)
            return ask(room, for: subscriptions[index].number, progress)
        }
    }

    /// Ends a subscription; nothing of it is sent after this returns.
    public func unsubscribe(_ id: String, receipt: String?) {
        guard !hasEnded else { return }
        guard let index = subscriptions.firstIndex(where: { $0.id == id }) else {
            if let place = withdrawn.firstIndex(where: { $0.id == id }) {
                withdrawn.remove(at: place)
                return emit(receipt)
            }
            return refuse(
                Refusal(.badFrame, "the session has no subscription with this id"),
                receipt: receipt)
        }
        release(subscriptions.remove(at: index))
        writeAcknowledgements()
        emit(receipt)
    }

    func release(
        _ subscription: Subscription, _ departure: Occupancy.Departure = .withGrace
    ) {
        durables?.end(subscription.number)
        guard case .live(let room, let wire) = subscription.state else { return }
        outlet.leave(room.key, wire, endpoint: endpoint)
        room.leave(from: outlet, identity.user, departure)
    }

    func settle(_ commit: CommitNumber?, refusal: Refusal?) {
        guard let commit else { return }
        switch withTransactions({ $0.settle(commit, refusal: refusal) }) {
        case .unfinished: break
        case .done(let acknowledgements, let receipt):
            perform(acknowledgements, committing: receipt)
        case .failed(let refusal, let receipt): refuse(refusal, receipt: receipt)
        }
    }
}
