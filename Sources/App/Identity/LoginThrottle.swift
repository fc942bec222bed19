import Synchronization

/// Slows down whoever guesses passwords: so many attempts a minute for each account, whoever tries,
/// and for each address, whatever it tries. Every attempt counts, successful or not.
package final class LoginThrottle: Sendable {
    package struct Limits: Sendable {
        var perAccountPerMinute = 10
        var perAddressPerMinute = 30
    }

    /// About 2 MiB each for accounts and addresses at most.
    private static let bucketsMax = 65_536

    private struct State {
        var accounts: AttemptLimiter
        var addresses: AttemptLimiter
    }

    private let state: Mutex<State>

    package init(_ limits: Limits = Limits()) {
        self.state = Mutex(
            State(
                accounts: AttemptLimiter(
                    perMinute: limits.perAccountPerMinute, bucketsMax: Self.bucketsMax),
                addresses: AttemptLimiter(
                    perMinute: limits.perAddressPerMinute, bucketsMax: Self.bucketsMax)))
    }

    /// Counts an attempt and returns nil, or the whole seconds (at least 1) to wait before another
    /// may be made. A refused attempt counts for nothing, so a blocked address can't block accounts.
    ///
    /// `account` is the name that was typed, in its one spelling. `address` should be what a client
    /// can't change at will: for IPv6, its network.
    func attempt(account: String, address: String, nowMs: Int64) -> Int? {
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
