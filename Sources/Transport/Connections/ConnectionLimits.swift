/// The bounds and deadlines of a connection.
public struct ConnectionLimits: Sendable, Hashable {
    /// Bytes that may wait for a peer; beyond it, it is a slow consumer and is closed.
    public var outboxBytesMax: Int
    /// Bytes that may wait for all peers together, their unfinished input included; beyond it, those
    /// that make the process hold most are closed.
    public var outboxTotalBytesMax: Int
    /// From the first moment to a complete request, and from the upgrade to CONNECT, in milliseconds.
    public var handshakeMs: Int64
    /// Without a byte from the peer, in milliseconds. Half of it after the last one, a WebSocket is
    /// pinged.
    public var idleMs: Int64
    /// How long a connection that we finished, and whose peer has taken everything, waits for the peer
    /// to close, in milliseconds.
    public var lingerMs: Int64
    public var http: HTTPLimits
    public var stomp: STOMPLimits

    public init(
        outboxBytesMax: Int = 1_048_576, outboxTotalBytesMax: Int = 512 * 1_048_576,
        handshakeMs: Int64 = 10_000, idleMs: Int64 = 60_000, lingerMs: Int64 = 2_000,
        http: HTTPLimits = HTTPLimits(), stomp: STOMPLimits = STOMPLimits()
    ) {
        self.outboxBytesMax = outboxBytesMax
        self.outboxTotalBytesMax = outboxTotalBytesMax
        self.handshakeMs = handshakeMs
        self.idleMs = idleMs
        self.lingerMs = lingerMs
        self.http = http
        self.stomp = stomp
    }
}
