import Engine
import Foundation
import Transport

/// What the operator decided, as typed values. `Configuration()` is what runs when nothing is set:
/// the initial values here are the defaults, and `Setting.all` gives each its name.
package struct Configuration: Equatable, Sendable {
    /// The address that both ports listen on.
    package var host = IPAddress.v4(0x7f00_0001)
    /// The TCP port of HTTP and WebSocket; 0 lets the kernel choose.
    package var port = 8080
    /// The TCP port of plain STOMP; nil: not served, 0: the kernel chooses.
    package var stompPort: Int?
    /// Event loops, one thread each.
    package var loops = ProcessInfo.processInfo.activeProcessorCount
    /// Web origins, besides the server's own, whose pages may connect and write.
    var allowedOrigins: [WebOrigin] = []
    /// Peers whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    package var trustedProxies: [CIDR] = []

    /// The directory of the embedded store and of the generated secret.
    package var data = "./data"
    /// The directory of the images; nil: below `data`, and none where the data is in Redis.
    var media: String?
    /// Where S3 is reached, and the bucket of the images there; nil: images are on disk.
    var s3Endpoint: WebOrigin?
    var s3Bucket: String?
    var s3Region = "us-east-1"
    var s3AccessKey: Secret?
    var s3SecretKey: Secret?
    /// Whether the bucket is a part of the host's name.
    var s3VirtualHost = false
    /// Where the node reaches S3 in plain HTTP; nil: at the endpoint.
    var s3Proxy: WebOrigin?
    /// How long an upload is kept that nothing has taken.
    var imageOrphanAge = Duration.seconds(86_400)
    /// Whether an empty store is filled with a small community.
    package var demo = false
    /// The directory of the web client's files.
    package var web = "./Web"

    /// The Redis servers that the site shares; none: it is one node on an embedded store.
    package var redis: [RedisURL] = []
    /// What every key and channel in Redis begins with.
    package var redisPrefix = "petnexus:"
    /// Replicas that must have a write before it counts as stored.
    package var redisWait = 0
    /// What this node calls itself; nil: its host and port.
    var nodeName: String?

    /// HMAC key of access tokens; nil: generated on first start and kept with the data.
    package var jwtSecret: Secret?
    /// What other backends show to use the engine; nil: none may.
    package var apiKey: Secret?
    /// From an access token's `iat` to its `exp`.
    var accessTokenLifetime = Duration.seconds(15 * 60)
    /// How long a refresh token may be exchanged for new tokens.
    var refreshTokenLifetime = Duration.seconds(30 * 86_400)

    /// Whether everyone who is signed in may use every generic topic.
    var openTopics = false
    /// What generic topics keep; the first rule that matches a name decides.
    var topics: [TopicRule] = []

    /// How long a user whose last subscription to a room went still counts as there.
    package var presenceGrace = Duration.seconds(5)
    /// How long `/readyz` is red before new connections are refused.
    package var drainLead = Duration.seconds(1)
    /// How long clients have to leave after SIGTERM.
    package var drain = Duration.seconds(30)
    /// The least severe events that are logged.
    package var logLevel = LogLevel.info

    package var limits = Limits()

    /// The bounds on what clients can make one node hold or do.
    package struct Limits: Equatable, Sendable {
        /// Open sockets on all ports.
        package var connectionsMax = 50_000
        /// Open sockets of one client address; 0: unbounded.
        package var connectionsPerAddressMax = 4_096
        /// A request's line and header section together.
        var headerBytesMax = 16 * 1_024
        /// A request's body after the removal of chunking.
        var bodyBytesMax = 1_024 * 1_024
        /// A WebSocket message after inflation, and the body of a STOMP frame.
        var messageBytesMax = 64 * 1_024
        /// Header lines in one STOMP frame.
        var stompHeadersMax = 64
        /// One STOMP header line; access tokens travel in one.
        var stompHeaderBytesMax = 8 * 1_024
        /// Subscriptions of one session.
        package var subscriptionsMax = 256
        /// Event streams that one user may have open on this node; 0: unbounded.
        package var streamsPerUserMax = 32
        /// Publishes of one session that wait for the store; above, the session is not read.
        package var unacknowledgedMax = 64
        /// Messages that one user may publish in a second, twice as many at once; 0: unbounded.
        package var publishesPerSecondMax = 100
        /// Rooms and topics that are open at a time.
        package var roomsMax = 100_000
        /// Bytes that wait for one client; above, it is closed as a slow consumer.
        var outboxBytesMax = 1_024 * 1_024
        /// Bytes that wait for all clients, and unfinished input of all of them; above, those that
        /// make the node hold most are closed.
        var outboxTotalBytesMax = 512 * 1_024 * 1_024
        /// Password checks for one client address.
        var loginsPerMinuteMax = 30
        /// Password checks for one account in a minute.
        var loginsPerAccountMax = 10
        /// Silence between two requests on a kept-alive HTTP connection.
        var idleTimeout = Duration.seconds(60)
        /// From accept to a complete request head, and from an upgrade to CONNECT.
        var handshakeTimeout = Duration.seconds(10)
        /// One image that is uploaded.
        var imageBytesMax = 10 * 1_024 * 1_024
        /// Images of one request.
        var imagesMax = 10
        /// Publications that a chat room keeps.
        package var roomHistoryMax = 100_000
    }

    /// What a generic topic keeps, by the first rule that matches its name; nothing without one.
    func retention(ofTopic name: String) -> Retention {
        topics.first { $0.pattern.matches(name) }?.retention ?? .nothing
    }

    /// What a node is called by those who look at one of several; a node that is alone has no name
    /// unless it is given one. `process` stands in for a port that the kernel chooses.
    package func name(host: String, process: Int32) -> String? {
        if let nodeName { return nodeName }
        return redis.isEmpty ? nil : "\(host):\(port == 0 ? Int(process) : port)"
    }

    /// Where the site's data is, if it is in Redis.
    package var redisSettings: RedisSettings? {
        redis.isEmpty
            ? nil
            : RedisSettings(
                servers: redis, prefix: redisPrefix, confirmingReplicaCount: redisWait)
    }

    /// The bucket that images are in, if they are in one.
    package var s3Settings: S3Bucket.Settings? {
        guard let s3Endpoint, let s3Bucket, let s3AccessKey, let s3SecretKey else { return nil }
        return S3Bucket.Settings(
            endpoint: s3Endpoint, bucket: s3Bucket, region: s3Region, accessKey: s3AccessKey,
            secretKey: s3SecretKey, isVirtualHost: s3VirtualHost, proxy: s3Proxy)
    }

    /// A sentence on settings of S3 that can't hold together, or nil.
    private var s3Contradiction: String? {
        let given = [s3Endpoint != nil, s3Bucket != nil, s3AccessKey != nil, s3SecretKey != nil]
        if Set(given).count > 1 {
            return "s3-endpoint, s3-bucket, s3-access-key and s3-secret-key go together"
        }
        if s3Endpoint != nil, media != nil {
            return "media and s3-endpoint are two places for the same images"
        }
        if s3Endpoint?.isSecure == true, s3Proxy?.isSecure ?? true {
            return
                "s3-endpoint is reached over TLS by browsers, and needs an s3-proxy with http:// "
                + "for the node"
        }
        return nil
    }

    /// Where images are kept; nil: nowhere, since nodes on Redis share a directory or have none.
    package var mediaDirectory: String? {
        media ?? (redis.isEmpty ? data + "/media" : nil)
    }

    /// A sentence on two settings that can't both hold, or nil.
    var contradiction: String? {
        if refreshTokenLifetime < accessTokenLifetime {
            return "refresh-token-lifetime must not be shorter than access-token-lifetime"
        }
        if limits.outboxBytesMax < 2 * limits.messageBytesMax {
            return "outbox-bytes-max must be at least twice message-bytes-max"
        }
        if limits.outboxTotalBytesMax < limits.outboxBytesMax {
            return "outbox-total-bytes-max must not be less than outbox-bytes-max"
        }
        if let s3Contradiction { return s3Contradiction }
        if let stompPort, stompPort == port, port != 0 {
            return "port and stomp-port must differ"
        }
        let servers = Dictionary(grouping: redis, by: \.identity)
        if let twice = servers.values.first(where: { $0.count > 1 })?.first {
            return "redis names the same server twice: \(twice)"
        }
        return nil
    }
}
