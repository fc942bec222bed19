import Engine

extension Reactor {
    /// Ends a session whose token has expired; answers with the time at which it will (milliseconds of
    /// the monotonic clock; `Int64.max`: never).
    func expire(_ session: Session, in community: Community) -> Int64 {
        guard let expiresAtMs = session.assumeIsolated({ $0.identity.expiresAtMs }) else {
            return .max
        }
        let leftMs = expiresAtMs - community.now()
        guard leftMs <= 0 else { return nowMs + leftMs }
        session.assumeIsolated {
            $0.refuse(Refusal(.tokenExpired, "the token has expired"))
        }
        return .max
    }
}
