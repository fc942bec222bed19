/// A Lua script that runs as one step of the server: nothing else happens in between.
///
/// Sent by its digest; a server that doesn't know it (`NOSCRIPT`) is sent the source.
struct RedisScript: Sendable {
    /// What traces and the simulation call it.
    let name: String
    let source: String
    /// SHA-1 of the source, in lower-case hexadecimal, as `EVALSHA` takes it.
    let digest: [UInt8]

    init(_ name: String, _ source: String) {
        self.name = name
        self.source = source
        digest = SHA1.hash(Array(source.utf8)).flatMap { byte in
            [byte >> 4, byte & 15].map { $0 < 10 ? 48 + $0 : 87 + $0 }
        }
    }
}
