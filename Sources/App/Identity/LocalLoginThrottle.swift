import Synchronization

/// The throttle of a node that is alone: it is kept in memory.
package final class LocalLoginThrottle: LoginThrottle {
    /// About 2 MiB each for accounts and addresses at most.
    private static let bucketsMax = 65_536

    private struct State {
        var accounts: AttemptLimiter
        var addresses: AttemptLimiter
    }

    private let state: Mutex<State>

    package init(_ limits: LoginLimits = LoginLimits()) {
        state = Mutex(
            State(
                accounts: AttemptLimiter(
                    perMinute: limits.perAccountPerMinute, bucketsMax: Self.bucketsMax),
                addresses: AttemptLimiter(
                    perMinute: limits.perAddressPerMinute, bucketsMax: Self.bucketsMax)))
    }

    /// Never fails.
    package func attempt(account: String, address: String, nowMs: Int64) -> Int? {
        // `hashValue` is seeded per process: nobody can aim for a collision.
        let (account, address) = (account.hashValue, address.hashValue)
        return state.withLock { state in
            let waitMs = max(
                state.accounts.waitMs(account, nowMs: nowMs),
                state.addresses.waitMs(address, nowMs: nowMs))
            guard waitMs == 0 else { return Int((waitMs + 999) / 1000) }
            state.accounts.record(account, nowMs: nowMs)
            state.addresses.record(address, nowMs: nowMs)
            return nil
        }
    }
}
