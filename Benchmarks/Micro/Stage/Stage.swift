import Engine
import Foundation
import Glibc
import Transport

/// A server of this process with one loop, a publisher and the members of one room, all connected
/// over the loopback interface. Once they are, messages are driven through it on the loop's own
/// thread, tick by tick, so that the same is done in every run.
final class Stage: Sendable {
    static let destination = "/topic/news.cats"

    let reactor: Reactor
    /// Whose frames `measure`'s body feeds to the reactor.
    let publisher: Endpoint
    /// The clients' ends of the connections, the publisher's first.
    let descriptors: [Int32]
    private let server: Server

    /// What a stage is set up with.
    struct Setting: Sendable {
        var memberCount = 10
        var retention = Retention.nothing
        var offersDeflate = false
        /// Whether all members choose the same subscription id, as most clients do.
        var sharesID = true
    }

    /// Runs `body` with a stage, and takes it down after that.
    static func with(
        _ setting: Setting, _ broker: any Broker,
        _ body: (Stage) async throws -> Measurement
    ) async throws -> Measurement {
        raiseDescriptorLimit()
        let server = try Server(loopCount: 1, limits: ConnectionLimits())
        defer { server.stop(withinMs: 0) }
        let address = try await listen(server, setting, broker)
        let clients = try (0...setting.memberCount).map { _ in
            try StageClient(connectingTo: address, offersDeflate: setting.offersDeflate)
        }
        let publisher = try clients[0].connect()
        for (number, member) in clients.dropFirst().enumerated() {
            _ = try member.connect()
            try member.subscribe(to: destination, id: "sub-\(setting.sharesID ? 0 : number)")
        }
        try clients[0].publish(to: destination)
        // The connections last as long as the clients.
        defer { withExtendedLifetime(clients) {} }
        return try await body(
            Stage(server, publisher: publisher, descriptors: clients.map(\.descriptor)))
    }

    private init(_ server: Server, publisher: Endpoint, descriptors: [Int32]) {
        self.server = server
        self.publisher = publisher
        self.descriptors = descriptors
        reactor = server.reactors[0]
    }

    /// Measures on the loop's thread, where nothing that is sent reaches the kernel.
    func measure(
        _ name: String, _ meter: Meter, counting count: Int = 1_024,
        _ body: @escaping @Sendable (isolated Reactor, Int) -> Int
    ) async -> Measurement {
        await measureSending(name, meter, counting: count) { reactor, count in
            Work.withoutSending { body(reactor, count) }
        }
    }

    /// Measures on the loop's thread, where what is sent is sent: the body has to receive it.
    func measureSending(
        _ name: String, _ meter: Meter, counting count: Int = 1_024,
        _ body: @escaping @Sendable (isolated Reactor, Int) -> Int
    ) async -> Measurement {
        let reactor = reactor
        return await withCheckedContinuation { continuation in
            reactor.eventLoop.post {
                let measurement = reactor.assumeIsolated { reactor in
                    meter.measure(name, counting: count) { body(reactor, $0) }
                }
                continuation.resume(returning: measurement)
            }
        }
    }

    private static func listen(
        _ server: Server, _ setting: Setting, _ broker: any Broker
    ) async throws -> SocketAddress {
        let community = Community(
            rooms: Rooms(broker: broker, outlets: server.reactors, now: { Sample.nowMs }),
            directory: TopicDirectory(retention: setting.retention), authenticator: OpenDoor(),
            store: RecordsAtHand(),
            limits: SessionLimits(unacknowledgedMax: .max), now: { Sample.nowMs })
        let endpoint = STOMPEndpoint(
            community: community, origins: OriginPolicy(allowed: [])
        ) { $1 }
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else {
            preconditionFailure("the address is numeric")
        }
        return try await server.listen(
            on: address,
            for: Service(
                .http(NoPages(), webSockets: ["/stomp": .stomp(endpoint)]),
                census: Census(totalMax: 100_000, perHostMax: 100_000)))
    }

    /// Both ends of every connection are ours.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return
        }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
