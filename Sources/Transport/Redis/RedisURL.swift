/// Where a Redis server is and who we are to it:
/// `redis://[user:password@]host[:port][/database]`, or
/// `redis+sentinel://[user:password@]host[:port][,host[:port]…]/name[/database]`, whose hosts are
/// sentinels that know the primary by its name. User and password are for the server, and for
/// sentinels that want them.
///
/// Printing one shows no password.
public struct RedisURL: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    enum Place: Hashable, Sendable {
        case server(RedisEndpoint)
        /// At least one.
        case sentinels([RedisEndpoint], name: String)
    }

    let place: Place
    let user: String?
    private let password: [UInt8]?
    let database: Int

    /// Reads the text form. What is special in a user, a password or a name is percent-encoded.
    public init(_ text: String) throws(RedisURLError) {
        let isSentinel = text.hasPrefix(Self.sentinelScheme)
        guard isSentinel || text.hasPrefix(Self.scheme) else { throw .scheme }
        let rest = text.dropFirst((isSentinel ? Self.sentinelScheme : Self.scheme).count)
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else { throw .tail }
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        var hosts = parts[0]
        guard !parts.dropFirst().contains(where: { $0.contains("@") }) else { throw .credentials }
        if let at = hosts.lastIndex(of: "@") {
            (user, password) = try Self.credentials(hosts[..<at])
            hosts = hosts[hosts.index(after: at)...]
        } else {
            (user, password) = (nil, nil)
        }
        var path = parts.dropFirst()
        if isSentinel {
            guard let name = path.popFirst().map(String.init).flatMap(PercentCoding.decode),
                !name.isEmpty
            else { throw .name }
            let sentinels = try hosts.split(separator: ",", omittingEmptySubsequences: false)
                .map { host throws(RedisURLError) in
                    try Self.endpoint(host, defaultPort: Self.sentinelPort)
                }
            place = .sentinels(sentinels, name: name)
        } else {
            place = .server(try Self.endpoint(hosts, defaultPort: Self.port))
        }
        database = try Self.database(path)
    }

    /// A server at an address, without a password.
    public init(_ endpoint: RedisEndpoint, database: Int = 0) {
        place = .server(endpoint)
        (user, password) = (nil, nil)
        self.database = database
    }

    /// What tells the server from others, whatever we are to it: streams stay where they are when
    /// the password or the list of sentinels changes.
    public var identity: String {
        switch place {
        case .server(let endpoint): "\(endpoint)/\(database)"
        case .sentinels(_, let name): "\(name)/\(database)"
        }
    }

    /// The command that signs in; nil where there is nothing to sign in with.
    var authentication: [[UInt8]]? {
        password.map { RedisCommands.authenticate(user: user, password: $0) }
    }

    /// The text form with `***` for the password.
    public var description: String {
        let name = user.map(PercentCoding.encodeComponent) ?? ""
        let credentials = password == nil ? "" : "\(name):***@"
        let tail = database == 0 ? "" : "/\(database)"
        switch place {
        case .server(let endpoint):
            return "\(Self.scheme)\(credentials)\(endpoint)\(tail)"
        case .sentinels(let endpoints, let name):
            let hosts = endpoints.map(\.description).joined(separator: ",")
            let path = PercentCoding.encodeComponent(name) + tail
            return "\(Self.sentinelScheme)\(credentials)\(hosts)/\(path)"
        }
    }

    /// Without children, so that `dump` shows no password.
    public var customMirror: Mirror { Mirror(self, children: []) }

    // MARK: Parts

    private static let scheme = "redis://"
    private static let sentinelScheme = "redis+sentinel://"
    private static let port: UInt16 = 6_379
    private static let sentinelPort: UInt16 = 26_379

    private static func credentials(
        _ text: Substring
    ) throws(RedisURLError) -> (user: String?, password: [UInt8]?) {
        guard let colon = text.firstIndex(of: ":") else { throw .credentials }
        let encoded = Array(text[text.index(after: colon)...].utf8)
        guard let user = PercentCoding.decode(String(text[..<colon])),
            let password = PercentCoding.decode(encoded.span), !password.isEmpty
        else { throw .credentials }
        return (user.isEmpty ? nil : user, password)
    }

    private static func endpoint(
        _ text: Substring, defaultPort: UInt16
    ) throws(RedisURLError) -> RedisEndpoint {
        var host = text
        var rest: Substring = ""
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .host }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard SocketAddress(host: String(host), port: 0)?.description.hasPrefix("[") == true
            else { throw .host }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            rest = text[colon...]
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ 0x21...0x7e ~= $0 && $0 != 0x25 }) else {
            throw .host
        }
        guard !rest.isEmpty else { return RedisEndpoint(host: String(host), port: defaultPort) }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.utf8.allSatisfy({ 48...57 ~= $0 }),
            let port = UInt16(digits), port > 0
        else { throw .port }
        return RedisEndpoint(host: String(host), port: port)
    }

    private static func database(_ path: ArraySlice<Substring>) throws(RedisURLError) -> Int {
        guard let text = path.first, !(text.isEmpty && path.count == 1) else { return 0 }
        guard path.count == 1, text.utf8.allSatisfy({ 48...57 ~= $0 }), let number = Int(text)
        else { throw .database }
        return number
    }
}

/// What is wrong with the text of a `RedisURL`; never shows what may be a password.
public enum RedisURLError: Error, Hashable, Sendable, CustomStringConvertible {
    case scheme
    case credentials
    case host
    case port
    case name
    case database
    case tail

    /// What was expected, in the operator's words.
    public var description: String {
        switch self {
        case .scheme: "expected redis://… or redis+sentinel://…"
        case .credentials:
            "expected user:password@ or :password@ before the host, percent-encoded"
        case .host: "expected a host name or an address, an IPv6 one in brackets"
        case .port: "expected a port from 1 to 65535 after the host"
        case .name: "expected the primary's name after the sentinels: redis+sentinel://host/name"
        case .database: "expected the number of a database at the end"
        case .tail: "expected nothing behind '?' or '#'; percent-encode them where they are meant"
        }
    }
}
