/// Why a command has no reply that could be used.
enum RedisFailure: Error, Hashable, Sendable {
    /// There is no connection, or it ended before the reply: the server may have performed the
    /// command or not. The reason is for the operator's log.
    case unreachable(String)
    /// More commands wait for replies than may; this one was not sent.
    case overloaded
    /// The server's words; where they come from a script, everything before them was performed.
    case refused(String)
}
