import Engine

/// The links of this process to all of its Redis servers: one for each server and loop.
///
/// Streams are shared among the servers by consistent hashing of their names, and pinned to loops as
/// rooms are. Everything that isn't a stream lives on the first server.
public final class RedisServers: Sendable {
    /// What every key and channel begins with.
    let prefix: String
    /// By server, then by loop.
    let links: [[RedisLink]]

    init(prefix: String, links: [[RedisLink]]) {
        self.prefix = prefix
        self.links = links
    }

    /// The link to a stream's server on the stream's loop.
    func link(of stream: StreamName) -> RedisLink {
        links[server(of: stream)][Int(stream.stableHash % UInt64(links[0].count))]
    }

    /// Which server a stream lives on.
    func server(of stream: StreamName) -> Int { 0 }

    /// A link to the first server, on the caller's loop if it is on one.
    var home: RedisLink {
        links[0].first { $0.loop.isCurrent } ?? links[0][0]
    }
}
