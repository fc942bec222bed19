extension Actor {
    /// Runs `body` isolated to this actor, for a caller that runs on the actor's loop already: what
    /// `assumeIsolated` does, without its search for the running executor, which would cost more
    /// than most of what a publish does in an actor.
    ///
    /// Guard: every caller is itself run by the loop that this actor is pinned to. Debug builds, so
    /// all unit tests and simulations, have that checked by `assumeIsolated`.
    @inlinable
    package nonisolated func onLoop<Value: Sendable>(
        _ body: (isolated Self) throws -> Value
    ) rethrows -> Value {
        #if DEBUG
            return try assumeIsolated(body)
        #else
            return try withoutActuallyEscaping(body) { body in
                let plain = unsafe unsafeBitCast(body, to: ((Self) throws -> Value).self)
                return try plain(self)
            }
        #endif
    }
}
