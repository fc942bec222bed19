/// Which Redis servers to use, and how.
public struct RedisSettings: Sendable {
    /// At least one, none twice. Streams are shared among them; everything else is on the first.
    public var servers: [RedisURL]
    /// What every key and channel begins with. Communities that share a server need different ones,
    /// even in different databases: channels are the same in all of them.
    public var prefix: String
    /// How many replicas must have a write before it counts as done.
    public var confirmingReplicaCount: Int

    public init(
        servers: [RedisURL], prefix: String = "petnexus:", confirmingReplicaCount: Int = 0
    ) {
        self.servers = servers
        self.prefix = prefix
        self.confirmingReplicaCount = confirmingReplicaCount
    }
}
