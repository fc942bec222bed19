import Measure
import Transport

/// Where a server listens: what a URL says.
struct Target: Hashable, Sendable {
    let scheme: Scheme
    let address: SocketAddress
    /// The address as the `Host` header has it.
    let authority: String
    /// Begins with a slash; a query may follow. May have places for the room and the client.
    let path: Template

    /// Reads `SCHEME://HOST[:PORT][/PATH]`; HOST is numeric or `localhost`, an IPv6 address in
    /// brackets. `flag` is what the URL was given with.
    init(url: String, of flag: String = "--url", schemes: [Scheme] = [.ws]) throws(FlagError) {
        guard let mark = url.firstRange(of: "://"),
            let scheme = Scheme(rawValue: String(url[..<mark.lowerBound])),
            schemes.contains(scheme)
        else {
            let names = schemes.map { $0.rawValue + "://" }.joined(separator: " or ")
            throw .unusable(flag, value: url, reason: "must begin with \(names)")
        }
        let rest = url[mark.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let (host, port) = Self.hostAndPort(authority, of: scheme),
            let address = SocketAddress(host: host, port: port)
        else {
            throw .unusable(flag, value: url, reason: "must name a numeric address or localhost")
        }
        self.scheme = scheme
        self.address = address
        self.authority = String(authority)
        let path = rest.dropFirst(authority.count)
        self.path = Template(path.hasPrefix("/") ? String(path) : "/" + path)
    }

    private static func hostAndPort(
        _ authority: Substring, of scheme: Scheme
    ) -> (host: String, port: UInt16)? {
        var host = authority
        var port: Substring?
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let port else { return (String(host), scheme.port) }
        return UInt16(port).map { (String(host), $0) }
    }
}
