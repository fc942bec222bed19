import Engine
import Transport

/// Everything one node is made of, wired together.
struct Node: Sendable {
    let database: SQLiteDatabase
    let server: Server
    let community: Community
    let router: Router
    let census: Census
    private let passwordPool: BlockingPool

    /// Sign-ins that may wait for a thread.
    private static let passwordQueueMax = 1_024
    /// Threads that hash passwords: never all cores, so that chat goes on.
    private static let passwordThreads = 1

    /// Opens the store and starts the event loops; nothing listens yet.
    init(_ configuration: Configuration, log: Log) throws(Failure) {
        let now: @Sendable () -> Int64 = { SystemClock.wallMs() }
        database = try EmbeddedStore.open(configuration, now: now)
        let store = SQLiteStore(database)
        let broker = SQLiteBroker(database)
        let keys = try EmbeddedStore.keys(configuration)
        passwordPool = BlockingPool(
            threads: Self.passwordThreads, queueDepthMax: Self.passwordQueueMax)
        let accounts = Accounts(
            store: store, passwords: PasswordHasher(pool: passwordPool),
            throttle: LoginThrottle(LoginThrottle.Limits(configuration)), now: now)
        let tokens = Tokens(
            store: store, keys: keys, settings: Tokens.Settings(configuration), now: now)
        let openChats = OpenChats(store: store, now: now)
        let destinations = Destinations(
            openChats: openChats, settings: Destinations.Settings(configuration))

        do {
            server = try Server(
                loopCount: configuration.loops, limits: ConnectionLimits(configuration.limits))
        } catch {
            throw Failure(error.description)
        }
        let rooms = Rooms(broker: broker, outlets: server.reactors)
        community = Community(
            rooms: rooms, directory: destinations,
            authenticator: SignInGate(accounts: accounts, tokens: tokens),
            limits: SessionLimits(
                subscriptionsMax: configuration.limits.subscriptionsMax,
                unacknowledgedMax: configuration.limits.unacknowledgedMax),
            now: now)
        census = Census(
            totalMax: configuration.limits.connectionsMax,
            perHostMax: configuration.limits.connectionsPerAddressMax == 0
                ? .max : configuration.limits.connectionsPerAddressMax)

        let origins = OriginPolicy(configuration)
        let callers = Callers(
            tokens: tokens, trustedProxies: configuration.trustedProxies, origins: origins)
        let site: Site
        if let found = Site(directory: configuration.web) {
            site = found
        } else {
            log.warning("no-web-client", ["directory": configuration.web])
            site = Site()
        }
        router = Router(
            routes: UserRoutes(
                accounts: accounts, tokens: tokens, callers: callers,
                revoke: { [server] in server.revoke($0) }
            ).all
                + OpenChatRoutes(
                    openChats: openChats, destinations: destinations,
                    history: History(broker: broker), rooms: rooms, now: now
                ).all
                + HealthRoutes(database: database).all,
            callers: callers, origins: origins, site: site, log: log)
    }

    /// Listens for the web, and for plain STOMP where that is asked for. Returns the addresses.
    func listen(
        _ configuration: Configuration
    ) async throws(Failure) -> (web: SocketAddress, stomp: SocketAddress?) {
        let endpoint = WebSocketEndpoint.stomp(community, OriginPolicy(configuration))
        do throws(SystemError) {
            let web = try await server.listen(
                on: try Self.address(configuration, port: configuration.port),
                for: Service(.http(router, webSockets: ["/stomp/chat": endpoint]), census: census))
            guard let port = configuration.stompPort else { return (web, nil) }
            let stomp = try await server.listen(
                on: try Self.address(configuration, port: port),
                for: Service(.stomp(community), census: census))
            return (web, stomp)
        } catch {
            throw Failure(error.description)
        }
    }

    private static func address(
        _ configuration: Configuration, port: Int
    ) throws(SystemError) -> SocketAddress {
        let host = configuration.host.description
        guard let address = SocketAddress(host: host, port: UInt16(port)) else {
            preconditionFailure("the configuration holds numeric addresses and ports only")
        }
        return address
    }

    /// Says goodbye to every client, then writes down what is unfinished. Blocks its thread.
    func stop(within drain: Duration) {
        server.stop(withinMs: drain.wholeMilliseconds)
        passwordPool.close()
        database.close()
    }
}

/// What serving and the operator's commands open alike.
enum EmbeddedStore {
    static func open(
        _ configuration: Configuration, now: @escaping @Sendable () -> Int64
    ) throws(Failure) -> SQLiteDatabase {
        var random = SystemRandomNumberGenerator()
        do {
            return try SQLiteDatabase.open(
                directory: configuration.data, using: &random, now: now)
        } catch {
            throw Failure(error.description)
        }
    }

    /// The keys that sign tokens: the configured one, or those in the data directory.
    static func keys(_ configuration: Configuration) throws(Failure) -> SigningKeys {
        do throws(SigningKeyError) {
            guard let secret = configuration.jwtSecret else {
                return try SigningKeyFile.load(path: configuration.data + "/keys.json")
            }
            return SigningKeys(current: try SigningKey(shared: secret.bytes))
        } catch {
            throw Failure(error.description)
        }
    }
}

extension Duration {
    /// Whole milliseconds.
    var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}

extension LoginThrottle.Limits {
    /// One address may try as often as configured; one account not more than ten times a minute.
    init(_ configuration: Configuration) {
        let perMinuteMax = configuration.limits.loginsPerMinuteMax
        self.init(
            perAccountPerMinute: min(10, perMinuteMax), perAddressPerMinute: perMinuteMax)
    }
}

extension Tokens.Settings {
    init(_ configuration: Configuration) {
        self.init(
            accessLifetime: configuration.accessTokenLifetime,
            refreshLifetime: configuration.refreshTokenLifetime)
    }
}

extension Destinations.Settings {
    init(_ configuration: Configuration) {
        self.init(
            hasOpenTopics: configuration.openTopics,
            retention: { configuration.retention(ofTopic: $0) },
            roomHistoryMax: configuration.limits.roomHistoryMax)
    }
}

extension OriginPolicy {
    init(_ configuration: Configuration) {
        self.init(allowed: configuration.allowedOrigins.map(\.text))
    }
}

extension ConnectionLimits {
    init(_ limits: Configuration.Limits) {
        self.init(
            outboxBytesMax: limits.outboxBytesMax,
            handshakeMs: limits.handshakeTimeout.wholeMilliseconds,
            idleMs: limits.idleTimeout.wholeMilliseconds,
            http: HTTPLimits(
                headBytesMax: limits.headerBytesMax, bodyBytesMax: limits.bodyBytesMax),
            stomp: STOMPLimits(
                headerCountMax: limits.stompHeadersMax,
                headerBytesMax: limits.stompHeaderBytesMax,
                headBytesMax: max(16_384, 2 * limits.stompHeaderBytesMax),
                bodyBytesMax: limits.messageBytesMax))
    }
}
