import Engine

/// How many attempts to sign in are let through.
package struct LoginLimits: Sendable {
    var perAccountPerMinute = 10
    var perAddressPerMinute = 30
}

/// Slows down whoever guesses passwords: so many attempts a minute for each account, whoever tries,
/// and for each address, whatever it tries. Every attempt counts, successful or not.
package protocol LoginThrottle: Sendable {
    /// Counts an attempt and returns nil, or the whole seconds (at least 1) to wait before another
    /// may be made. A refused attempt counts for nothing, so a blocked address can't block accounts.
    ///
    /// `account` is the name that was typed, in its one spelling. `address` should be what a client
    /// can't change at will: for IPv6, its network. `nowMs` is the time since 1970.
    func attempt(
        account: String, address: String, nowMs: Int64
    ) async throws(StoreError) -> Int?
}
