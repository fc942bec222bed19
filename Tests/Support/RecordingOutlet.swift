import Engine
import Synchronization

/// What an endpoint was given, in order.
public enum Delivery: Sendable {
    case event(SessionEvent)
    /// A publication that reached it as a member of a room, and the subscription it came for.
    case message(Publication, subscription: String)
    /// The room's stream was lost.
    case interrupted
}

/// An outlet that keeps the members of rooms as a reactor does, and writes down what each endpoint
/// is given instead of sending it.
public final class RecordingOutlet: Outlet {
    private struct Member: Equatable {
        let endpoint: Endpoint
        let subscription: SubscriptionWire
    }

    private struct State {
        var members: [RoomKey: [Member]] = [:]
        var verified: [Endpoint] = []
        var deliveries: [Endpoint: [Delivery]] = [:]
        var ears: [Endpoint: @Sendable (Delivery) -> Void] = [:]
        var congested: Set<Endpoint> = []
        var slotLast: UInt32 = 0
        var holdCount = 0
    }

    public let index: Int
    public let loop: any Loop
    private let state = Mutex(State())

    public init(index: Int, loop: any Loop) {
        self.index = index
        self.loop = loop
    }

    // MARK: What a test asks

    /// A new connection.
    public func open() -> Endpoint {
        state.withLock { state in
            state.slotLast += 1
            return Endpoint(slot: state.slotLast, generation: 1)
        }
    }

    /// Calls `ear` on the loop with all that the endpoint is given from here on.
    public func listen(at endpoint: Endpoint, _ ear: @escaping @Sendable (Delivery) -> Void) {
        state.withLock { $0.ears[endpoint] = ear }
    }

    /// Everything the endpoint was given, in order.
    public func deliveries(to endpoint: Endpoint) -> [Delivery] {
        state.withLock { $0.deliveries[endpoint, default: []] }
    }

    /// Whose sessions were to ask anew what they may, in order.
    public var verified: [Endpoint] { state.withLock { $0.verified } }

    /// Says from here on that much or little waits to be sent to the endpoint.
    public func setCongested(_ isCongested: Bool, _ endpoint: Endpoint) {
        state.withLock { state in
            if isCongested {
                state.congested.insert(endpoint)
            } else {
                state.congested.remove(endpoint)
            }
        }
    }

    /// Subscriptions that a publication in the room would reach.
    public func memberCount(of room: RoomKey) -> Int {
        state.withLock { $0.members[room, default: []].count }
    }

    /// How much that sessions have promised is still being done.
    public var holdCount: Int { state.withLock { $0.holdCount } }

    /// Subscriptions of all rooms.
    public var memberCount: Int {
        state.withLock { $0.members.values.reduce(0) { $0 + $1.count } }
    }

    // MARK: What the engine asks

    public func deliver(_ publications: [Publication], in room: RoomKey) {
        loop.post {
            for member in self.members(of: room) {
                for publication in publications {
                    self.give(
                        .message(publication, subscription: member.subscription.id),
                        to: member.endpoint)
                }
            }
        }
    }

    public func join(
        _ room: RoomKey, _ subscription: SubscriptionWire, endpoint: Endpoint
    ) -> SubscriptionWire {
        checkLoop()
        let member = Member(endpoint: endpoint, subscription: subscription)
        return state.withLock { state in
            let members = state.members[room, default: []]
            precondition(!members.contains(member), "a subscription joins once")
            state.members[room, default: []].append(member)
            let shared = members.first { $0.subscription == subscription }
            return shared?.subscription ?? subscription
        }
    }

    public func leave(_ room: RoomKey, _ subscription: SubscriptionWire, endpoint: Endpoint) {
        checkLoop()
        let member = Member(endpoint: endpoint, subscription: subscription)
        state.withLock { state in
            guard let place = state.members[room]?.firstIndex(of: member) else {
                preconditionFailure("who leaves has joined")
            }
            state.members[room]?.remove(at: place)
        }
    }

    public func interrupt(_ room: RoomKey) {
        loop.post {
            for member in self.members(of: room) { self.give(.interrupted, to: member.endpoint) }
        }
    }

    public func verify(_ room: RoomKey) {
        loop.post {
            let endpoints = self.members(of: room).map(\.endpoint)
            self.state.withLock { $0.verified += endpoints }
        }
    }

    public func isCongested(_ endpoint: Endpoint) -> Bool {
        checkLoop()
        return state.withLock { $0.congested.contains(endpoint) }
    }

    public func send(_ event: SessionEvent, to endpoint: Endpoint) {
        checkLoop()
        give(.event(event), to: endpoint)
    }

    public func hold() {
        checkLoop()
        state.withLock { $0.holdCount += 1 }
    }

    public func release() {
        checkLoop()
        state.withLock { state in
            precondition(state.holdCount > 0, "who releases has held")
            state.holdCount -= 1
        }
    }

    private func members(of room: RoomKey) -> [Member] {
        state.withLock { $0.members[room, default: []] }
    }

    private func give(_ delivery: Delivery, to endpoint: Endpoint) {
        let ear = state.withLock { state in
            state.deliveries[endpoint, default: []].append(delivery)
            return state.ears[endpoint]
        }
        ear?(delivery)
    }

    private func checkLoop() {
        precondition(loop.isCurrent, "this may be asked on the outlet's loop only")
    }
}
