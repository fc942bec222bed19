/// What every session of a node shares.
public final class Community: Sendable {
    public let rooms: Rooms
    public let directory: any Directory
    public let authenticator: any Authenticator
    public let limits: SessionLimits
    /// Nil where users may publish as much as they like.
    public let allowances: PublishAllowances?
    /// What durable subscribers have acknowledged.
    let durableStates: DurableStates
    /// What the node calls itself where there are several; nil: nothing.
    public let nodeName: String?
    /// Milliseconds since 1970.
    public let now: @Sendable () -> Int64

    public init(
        rooms: Rooms, directory: any Directory, authenticator: any Authenticator,
        store: any Store, limits: SessionLimits, nodeName: String? = nil,
        now: @escaping @Sendable () -> Int64
    ) {
        self.rooms = rooms
        self.directory = directory
        self.authenticator = authenticator
        self.limits = limits
        allowances =
            limits.publishesPerSecondMax == 0
            ? nil : PublishAllowances(perSecond: limits.publishesPerSecondMax)
        durableStates = DurableStates(store: store, now: now)
        self.nodeName = nodeName
        self.now = now
    }
}
