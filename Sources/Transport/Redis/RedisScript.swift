/// A Lua script that runs as one step of the server: nothing else happens in between.
///
/// Sent by its digest; a server that doesn't know it (`NOSCRIPT`) is sent the source.
struct RedisScript: Sendable {
    /// What its first line says, for whoever watches the server, and for the simulated one.
    let name: String
    let source: String
    /// Whether it may change anything: then its reply waits for the replicas that are to confirm.
    let isWrite: Bool
    /// SHA-1 of the source, in lower-case hexadecimal, as `EVALSHA` takes it.
    let digest: [UInt8]

    init(_ name: String, isWrite: Bool = true, _ source: String) {
        self.name = name
        self.source = "-- \(name)\n\(source)"
        self.isWrite = isWrite
        digest = SHA1.hash(Array(self.source.utf8)).flatMap { byte in
            [byte >> 4, byte & 15].map { $0 < 10 ? 48 + $0 : 87 + $0 }
        }
    }
}
