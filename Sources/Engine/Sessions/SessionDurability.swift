/// How a durable subscription begins and ends.
extension Session {
    /// Whether what a subscription's client says of its messages is remembered.
    static func isDurable(_ request: SubscribeRequest, by route: RoomRoute) -> Bool {
        request.isAcknowledged && route.policy.retention.countMax > 0
    }

    /// Finds out where a durable subscription begins, stores that, and lets it begin. A crash from
    /// here on loses no message that the client was sent and has not acknowledged.
    func subscribeDurably(_ request: SubscribeRequest, by route: RoomRoute) async {
        do throws(Refusal) {
            let key = try DurableKey(
                user: identity.user, id: request.id, destination: request.destination)
            await flushAcknowledgements()
            let (state, start) = try await begin(key, request, route)
            guard case .open = phase else { return }
            let number = try append(request, to: route, from: start)
            let durables = durables ?? DurableSubscriptions()
            durables[number] = DurableSubscription(
                key: key, mode: request.acknowledgement, stored: state)
            self.durables = durables
            resumeNext()
        } catch {
            refuse(error, receipt: request.receipt)
        }
    }

    private func begin(
        _ key: DurableKey, _ request: SubscribeRequest, _ route: RoomRoute
    ) async throws(Refusal) -> (DurableState, JoinStart) {
        let states = community.durableStates
        let stored: DurableState?
        do throws(StoreError) {
            stored = try await states.state(of: key)
        } catch {
            throw Refusal(error)
        }
        let stream: StreamTop
        do throws(BrokerError) {
            stream = try await community.rooms.broker.tops(
                of: [route.stream], keeping: route.policy.retention)[0]
        } catch {
            throw Refusal(error)
        }
        let start =
            if request.isDurable, let stored {
                DurableStart(resuming: stored.acknowledgements, in: stream)
            } else {
                DurableStart(from: bounded(request.start), in: stream)
            }
        let state = try await states.begin(
            key, with: start.acknowledgements, over: stored, goingOn: request.isDurable)
        return (state, start.join)
    }

    /// An earlier subscription of this session may be the same one.
    private func flushAcknowledgements() async {
        writeAcknowledgements()
        await durables?.writing?.value
    }

    /// What the client is owed of what the room sends it: all of it where nothing is acknowledged.
    func owed(
        _ publications: [Publication], upTo position: Position, to number: UInt32
    ) -> [Publication] {
        guard var durable = durables?[number] else { return publications }
        let owed = durable.owed(publications, upTo: position)
        durables?[number] = durable
        return owed
    }
}
