import App
import Engine
import Foundation
import Transport

/// Everything one node is made of, wired together.
struct Node: Sendable {
    /// What it is called where there are several.
    let name: String?
    let server: Server
    let community: Community
    let router: Router
    let census: Census
    let readiness = Readiness()
    private let departed: DepartedUsers
    private let demo: Demo?
    private let authorityWatch: AuthorityWatch
    private let upkeep: Upkeep
    private let shared: SharedData
    private let cursors: ReadCursors
    private let publisher: NotificationPublisher
    private let board: MessageNoticeBoard
    private let callers: Callers
    private let passwordPool: BlockingPool
    /// Waits for the disk that images are on.
    private let mediaPool: BlockingPool
    private let mediaSweep: MediaSweep?

    /// Sign-ins that may wait for a thread.
    private static let passwordQueueMax = 1_024
    /// Threads that hash passwords: never all cores, so that chat goes on.
    private static let passwordThreads = 1
    /// Reads and writes of images that may wait for a thread.
    private static let mediaQueueMax = 4_096
    private static let mediaThreads = 4

    /// How long Redis may be away when the node starts.
    private static let redisPatience = Duration.seconds(30)

    /// Starts the event loops and opens the shared data; nothing listens yet.
    init(_ configuration: Configuration, log: Log) async throws(Failure) {
        let now: @Sendable () -> Int64 = { SystemClock.wallMs() }
        let name = configuration.name(host: ThisProcess.hostName, process: ThisProcess.id)
        self.name = name
        passwordPool = BlockingPool(
            threads: Self.passwordThreads, queueDepthMax: Self.passwordQueueMax)
        let server: Server
        do {
            server = try Server(
                loopCount: configuration.loops, limits: ConnectionLimits(configuration.limits))
        } catch {
            throw Failure(error.description)
        }
        self.server = server
        mediaPool = BlockingPool(
            threads: Self.mediaThreads, queueDepthMax: Self.mediaQueueMax)
        shared = try await SharedData.open(
            configuration, loops: server.reactors.map(\.eventLoop), waiting: Self.redisPatience,
            log: log, now: now)
        let store = shared.store
        let broker = shared.broker
        let rooms = Rooms(
            broker: broker, outlets: server.reactors, roomsMax: configuration.limits.roomsMax,
            presenceGraceMs: configuration.presenceGrace.wholeMilliseconds, now: now)
        let departed = DepartedUsers(store: store)
        self.departed = departed
        let news = AuthorityDispatch(server: server, rooms: rooms, departed: departed)
        let authority = AuthorityLog(store: store, now: now) { news.pass(.news([$0])) }
        authorityWatch = AuthorityWatch(authority, now: now) { news.pass($0) }
        let accounts = Accounts(
            store: store, passwords: PasswordHasher(pool: passwordPool),
            throttle: shared.throttle, authority: authority, now: now)
        let tokens = Tokens(
            store: store, keys: shared.keys, settings: Tokens.Settings(configuration),
            authority: authority, now: now)
        let people = People(store: store)
        let retention = NotificationRetention(store: store, now: now)
        publisher = NotificationPublisher(
            store: store, broker: broker, people: people, retention: retention, now: now)
        let notifications = Notifications(
            store: store, people: people, publisher: publisher, now: now)
        let media = try Self.media(configuration, store: store, pool: mediaPool, now: now)
        let articles = Articles(
            store: store, notifications: notifications,
            detaching: { media?.detach($0) ?? [] }, now: now)
        let schedule: ReadCursors.Schedule = {
            server.reactors[0].eventLoop.schedule(afterMs: $0, $1)
        }
        cursors = ReadCursors(
            notifications: notifications, broker: broker, now: now, schedule: schedule)
        let kept = Retention(countMax: configuration.limits.roomHistoryMax)
        board = MessageNoticeBoard(
            MessageNotices(
                notifications: notifications, cursors: cursors, broker: broker, keeping: kept),
            notifications, graceMs: rooms.presenceGraceMs, now: now, schedule: schedule)
        let unsettled = UnsettledRooms(
            store: store, broker: broker, board: board, keeping: kept, now: now)
        let streams = ChatStreams(
            rooms: rooms, cursors: cursors, board: board, departed: departed,
            historyMax: configuration.limits.roomHistoryMax)
        let openChats = OpenChats(
            store: store, authority: authority, streams: streams,
            detaching: { media?.detach($0) ?? [] }, now: now)
        let tradeChats = TradeChats(
            store: store, articles: articles, notifications: notifications, authority: authority,
            streams: streams, now: now)
        let pets = Pets(store: store, now: now)
        if configuration.demo {
            let (passwordPool, shared) = (passwordPool, shared)
            demo = Demo(nowMs: now()) { clock in
                let authority = AuthorityLog(store: store, now: clock)
                let articles = Articles(store: store, notifications: notifications, now: clock)
                return Demo.Parts(
                    store: store, broker: broker,
                    accounts: Accounts(
                        store: store, passwords: PasswordHasher(pool: passwordPool),
                        throttle: shared.throttle, authority: authority, now: clock),
                    articles: articles,
                    openChats: OpenChats(
                        store: store, authority: authority, streams: streams, now: clock),
                    tradeChats: TradeChats(
                        store: store, articles: articles, notifications: notifications,
                        authority: authority, streams: streams, now: clock),
                    pets: Pets(store: store, now: clock), streams: streams)
            }
        } else {
            demo = nil
        }
        let remains = Remains(
            articles: articles, openChats: openChats, tradeChats: tradeChats,
            departures: Departures(
                store: store, articles: articles, openChats: openChats, tradeChats: tradeChats,
                pets: pets))
        upkeep = Upkeep(
            [remains.chore, publisher.chore, retention.chore, unsettled.chore], log: log)
        let destinations = Destinations(
            openChats: openChats, tradeChats: tradeChats, streams: streams,
            settings: Destinations.Settings(configuration))
        let myRooms = MyRooms(
            openChats: openChats, tradeChats: tradeChats, articles: articles, people: people,
            streams: streams, cursors: cursors, broker: broker)
        community = Community(
            rooms: rooms, directory: destinations,
            authenticator: SignInGate(accounts: accounts, tokens: tokens), store: store,
            limits: SessionLimits(
                subscriptionsMax: configuration.limits.subscriptionsMax,
                unacknowledgedMax: configuration.limits.unacknowledgedMax,
                publishesPerSecondMax: configuration.limits.publishesPerSecondMax),
            nodeName: name, now: now)
        let history = History(rooms: rooms)
        census = Census(
            totalMax: configuration.limits.connectionsMax,
            perHostMax: configuration.limits.connectionsPerAddressMax == 0
                ? .max : configuration.limits.connectionsPerAddressMax)

        let origins = OriginPolicy(configuration)
        let tickets = StreamTickets(store: store, tokens: tokens, now: now)
        callers = Callers(
            tokens: tokens, tickets: tickets, trustedProxies: configuration.trustedProxies,
            origins: origins, apiKey: configuration.apiKey)
        let site: Site
        if let found = Site(
            directory: configuration.web, imageOrigin: media?.origin)
        {
            site = found
        } else {
            log.warning("no-web-client", ["directory": configuration.web])
            site = Site()
        }
        let messages = RoomMessages(
            streams: streams, history: history, rooms: rooms, allowances: community.allowances,
            now: now)
        let addresses = media?.addresses ?? MediaAddresses()
        mediaSweep = media.map { MediaSweep($0, log: log) }
        let routes =
            UserRoutes(
                accounts: accounts, tokens: tokens, callers: callers, media: media,
                addresses: addresses
            ).all
            + MediaRoutes(media: media).all
            + ImageRoutes(media: media, settings: Media.Settings(configuration)).all
            + PetRoutes(pets: pets).all
            + EngineRoutes(
                destinations: destinations, rooms: rooms, authority: authority, census: census,
                node: name, now: now
            ).all
            + OpenChatRoutes(
                openChats: openChats, messages: messages, images: media, addresses: addresses
            ).all
            + TradeChatRoutes(tradeChats: tradeChats, myRooms: myRooms, messages: messages).all
            + MyRoomsRoutes(myRooms: myRooms).all
            + CommunityRoutes(
                articles: articles, people: people, store: store, images: media,
                addresses: addresses
            ).all
            + NotificationRoutes(notifications: notifications, history: history).all
            + MemberRoutes(openChats: openChats, broker: broker).all
            + EventStreamRoutes(
                community: community, tickets: tickets,
                places: StreamPlaces(perUserMax: configuration.limits.streamsPerUserMax),
                rooms: [.openChats(openChats), .tradeChats(tradeChats)]
            ).all
            + MetricsRoutes(rooms: rooms, history: history, census: census).all
            + HealthRoutes(node: name, readiness: readiness, probe: shared.probe).all
        router = Router(
            routes: routes + DocumentationRoutes(of: routes).all,
            callers: callers, origins: origins, site: site, media: media, node: name, log: log)
    }

    private static func media(
        _ configuration: Configuration, store: any Store, pool: BlockingPool,
        now: @escaping @Sendable () -> Int64
    ) throws(Failure) -> Media? {
        let settings = Media.Settings(configuration)
        if let s3 = configuration.s3Settings {
            return Media(
                settings: settings, bucket: S3Bucket(s3, pool: pool, now: now), store: store,
                pool: pool, now: now)
        }
        guard let path = configuration.mediaDirectory else { return nil }
        do {
            return try Media(
                settings: settings, path: path, store: store, pool: pool, now: now)
        } catch {
            throw Failure(error.description)
        }
    }

    /// Begins to follow the authority log, then listens for the web, and for plain STOMP where that
    /// is asked for. Returns the addresses.
    func listen(
        _ configuration: Configuration
    ) async throws(Failure) -> (web: SocketAddress, stomp: SocketAddress?) {
        do {
            try await departed.load()
        } catch {
            throw Failure("the store can't be read: \(error)")
        }
        do {
            _ = try await demo?.fill()
        } catch {
            throw Failure("the demo can't be written: \(error)")
        }
        await authorityWatch.start()
        await upkeep.start()
        await mediaSweep?.start()
        let callers = callers
        let endpoint = WebSocketEndpoint.stomp(
            STOMPEndpoint(community: community, origins: OriginPolicy(configuration)) {
                callers.origin(of: $0, peerHost: $1).address
            })
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

    /// Lets clients finish and says goodbye to each, then writes down what is unfinished. It takes as
    /// long as the store does: whoever has no more time than `stopMax` ends the process.
    func stop(draining drain: Duration) async {
        let closing = min(Self.closingMax, drain / 2)
        await server.drain(withinMs: (drain - closing).wholeMilliseconds)
        await authorityWatch.stop()
        await upkeep.stop()
        await mediaSweep?.stop()
        // Nobody reads any more.
        await cursors.stop()
        await board.stop()
        await publisher.stop()
        await ThisProcess.onThread {
            passwordPool.close()
            mediaPool.close()
        }
        await shared.close()
        await ThisProcess.onThread { server.end() }
    }

    /// How long `stop` may take.
    static func stopMax(draining drain: Duration) -> Duration { max(drain, closingMax) }

    /// What is kept of the time for the store to close, once all clients are gone.
    private static let closingMax = Duration.milliseconds(500)
}
