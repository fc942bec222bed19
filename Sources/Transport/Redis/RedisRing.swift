/// Which server has which stream: consistent hashing. Each server has many places on a ring of
/// hashes, and a stream belongs to the server whose place comes next after its own hash. A server
/// that is added takes its share from all the others; nothing moves between those.
struct RedisRing: Sendable {
    private struct Place {
        let hash: UInt64
        let server: Int
    }

    /// In the order of the hashes.
    private let places: [Place]

    private static let placesPerServer = 160

    /// A ring of servers with these names, at least one, none twice. The names decide, not their
    /// order.
    init(_ identities: [String]) {
        precondition(!identities.isEmpty, "streams need a server")
        precondition(Set(identities).count == identities.count, "no server stands twice in a ring")
        places = identities.indices.flatMap { server in
            (0..<Self.placesPerServer).map { number in
                let hash = Self.hash("\(identities[server])#\(number)")
                return Place(hash: hash, server: server)
            }
        }.sorted { $0.hash < $1.hash }
    }

    /// The server, by its place in the names given, of what has this hash; a good hash or not.
    func server(of hash: UInt64) -> Int {
        let hash = Self.mixed(hash)
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        return places[low == places.count ? 0 : low].server
    }

    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return mixed(hash)
    }

    /// Spreads what differs in a few bits over all of them: FNV-1a of short names doesn't. The steps
    /// are those that MurmurHash3 ends with.
    private static func mixed(_ hash: UInt64) -> UInt64 {
        var mixed = hash
        mixed = (mixed ^ mixed >> 33) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ mixed >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ mixed >> 33
    }
}
