import Engine

/// The part of a connection that fan-out touches.
struct Slot {
    var descriptor: Int32 = -1
    var generation: UInt32 = 0
    /// Whether its own outbox holds bytes: whatever comes must queue behind them.
    var hasPending = false
    /// Whether it stands in `dirtySlots`.
    var isDirty = false
    /// Groups with something for it this tick.
    var dirtyGroupCount: UInt32 = 0
    var lastSentMs: Int64 = 0
    var lastReceivedMs: Int64 = 0
    /// When the conversation wants to be woken.
    var wakeAtMs = Int64.max
    /// Whose session it carries; the server's own number where it carries none.
    var user = UserID.server
    var connection: Connection?
}

extension Endpoint {
    /// The number the kernel reports the connection's readiness under.
    var tag: UInt64 { UInt64(generation) << 32 | UInt64(slot) }

    init(tag: UInt64) {
        self.init(slot: UInt32(truncatingIfNeeded: tag), generation: UInt32(tag >> 32))
    }
}
