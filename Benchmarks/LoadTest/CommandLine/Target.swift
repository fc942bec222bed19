import Measure
import Transport

/// Where the server under test listens: what a `ws://` URL says.
struct Target: Hashable, Sendable {
    let address: SocketAddress
    /// The address as the `Host` header has it.
    let authority: String
    /// Begins with a slash; a query may follow.
    let path: String

    /// Reads `ws://HOST[:PORT][/PATH]`; HOST is numeric or `localhost`, an IPv6 address in brackets.
    init(url: String) throws(FlagError) {
        guard let scheme = url.firstRange(of: "://"), url[..<scheme.lowerBound] == "ws" else {
            throw .unusable("--url", value: url, reason: "must begin with ws://")
        }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let (host, port) = Self.hostAndPort(authority),
            let address = SocketAddress(host: host, port: port)
        else {
            throw .unusable(
                "--url", value: url, reason: "must name a numeric address or localhost")
        }
        self.address = address
        self.authority = String(authority)
        let path = rest.dropFirst(authority.count)
        self.path = path.hasPrefix("/") ? String(path) : "/" + path
    }

    private static func hostAndPort(_ authority: Substring) -> (host: String, port: UInt16)? {
        var host = authority
        var port: Substring?
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let port else { return (String(host), 80) }
        return UInt16(port).map { (String(host), $0) }
    }
}
