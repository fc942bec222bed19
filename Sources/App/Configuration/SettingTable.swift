extension Setting {
    /// Every setting of the program. Flags, names in the environment, keys of settings files,
    /// validation and help are all read from this table, the defaults from `Configuration`.
    static let all: [Setting] = [
        Setting(
            "host", .network, .address, \.host,
            "Address to listen on; 0.0.0.0 or :: for every interface."),
        Setting(
            "port", .network, .port, \.port,
            "Port of HTTP and WebSocket; 0 lets the kernel choose."),
        Setting(
            "stomp-port", .network, .port, orAbsent: "off", \.stompPort,
            "Port of plain STOMP over TCP; 0 lets the kernel choose."),
        Setting(
            "loops", .network, .count(1...1_024), \.loops,
            "Event loops, one thread each; one per core is best."),
        Setting(
            "allowed-origin", .network, listOf: .origin, \.allowedOrigins,
            "Another web origin whose pages may connect, such as https://pets.example."),
        Setting(
            "trusted-proxy", .network, listOf: .cidr, \.trustedProxies,
            "A proxy whose X-Forwarded-For and X-Forwarded-Proto are believed: 10.0.0.0/8."),

        Setting(
            "data", .files, .path, \.data,
            "Directory of the embedded store; not used where there is --redis."),
        Setting(
            "media", .files, .path, orAbsent: "with-data", \.media,
            "Directory of the images: media in the data directory unless given. Where there is "
                + "--redis it must be given for images to be taken, and be the same for all nodes, "
                + "such as one of NFS."),
        Setting(
            "s3-endpoint", .files, .origin, orAbsent: "none", \.s3Endpoint,
            "S3, or what speaks its protocol, as browsers reach it: images are put there by them and "
                + "taken from there."),
        Setting(
            "s3-bucket", .files, .bucketName, orAbsent: "none", \.s3Bucket,
            "The bucket of the images; what is in it must be readable by everyone."),
        Setting("s3-region", .files, .bucketName, \.s3Region, "Region of the bucket."),
        Setting(
            "s3-access-key", .files, .secret(bytesMin: 1), orAbsent: "none", \.s3AccessKey,
            "Key that may put, look at and delete objects there. Better in the environment or a file."
        ),
        Setting(
            "s3-secret-key", .files, .secret(bytesMin: 1), orAbsent: "none", \.s3SecretKey,
            "The secret that belongs to it. Better in the environment or a file."),
        Setting(
            "s3-virtual-host", .files, .toggle, \.s3VirtualHost,
            "The bucket is a part of the host's name (bucket.s3.example) and not of the path."),
        Setting(
            "s3-proxy", .files, .origin, orAbsent: "none", \.s3Proxy,
            "Where the node itself reaches an endpoint with https://: a proxy that takes http:// and "
                + "speaks TLS to it."),
        Setting(
            "demo", .files, .toggle, \.demo,
            "Fill an empty store with a small Korean and English community, to look around in."),
        Setting("web", .files, .path, \.web, "Directory of the web client."),

        Setting(
            "redis", .cluster, listOf: .redisURL, \.redis,
            "A Redis server that all nodes share instead of a data directory: "
                + "redis://user:password@host:6379/0 or redis+sentinel://host,host/name. Several "
                + "share the rooms; name them in the same order everywhere. With a password it is "
                + "better in the environment or a file."),
        Setting(
            "redis-prefix", .cluster, .keyPrefix, \.redisPrefix,
            "What every key and channel in Redis begins with."),
        Setting(
            "redis-wait", .cluster, .count(0...16), \.redisWait,
            "Replicas that must have a write before it counts as stored."),
        Setting(
            "node-name", .cluster, .nodeName, orAbsent: "automatic", \.nodeName,
            "What this node calls itself in /readyz, the header X-PetNexus-Node and the web "
                + "client: else its host and port, and nothing where it is alone."),

        Setting(
            "jwt-secret", .identity, .secret(bytesMin: 32), orAbsent: "generated", \.jwtSecret,
            "Key that signs access tokens, 32 bytes or more; without it one is made and kept "
                + "with the data. Better in the environment or a file: flags show in the process list."
        ),
        Setting(
            "api-key", .identity, .secret(bytesMin: 16), orAbsent: "off", \.apiKey,
            "Key by which other backends use /api/engine, 16 bytes or more. Better in the "
                + "environment or a file."),
        Setting(
            "access-token-lifetime", .identity, .duration(.seconds(1)...days(1)),
            \.accessTokenLifetime, "How long an access token is valid."),
        Setting(
            "refresh-token-lifetime", .identity, .duration(.seconds(1)...days(3_650)),
            \.refreshTokenLifetime, "How long a refresh token can be exchanged."),

        Setting(
            "open-topics", .topics, .toggle, \.openTopics,
            "Let everyone who is signed in use every /topic destination."),
        Setting(
            "topic", .topics, listOf: .topicRule, \.topics,
            "What topics keep: 'news.**=history:1000,age:7d'. The first match decides; other "
                + "topics keep nothing."),

        Setting(
            "presence-grace", .operation, .duration(.zero...days(1)), \.presenceGrace,
            "How long somebody who left a chat room still counts as there, so that a reload shows "
                + "to nobody."),
        Setting(
            "drain-lead", .operation, .duration(.zero...days(1)), \.drainLead,
            "How long a node that was sent SIGTERM still accepts, while /readyz is red already."),
        Setting(
            "drain", .operation, .duration(.zero...days(1)), \.drain,
            "How long clients have to leave once it stopped accepting."),
        Setting(
            "image-orphan-age", .operation, .duration(.seconds(1)...days(365)), \.imageOrphanAge,
            "How long an uploaded image is kept that nothing has taken."),
        Setting(
            "log-level", .operation, .logLevel, \.logLevel,
            "Least severe events to log: debug, info, warning or error."),

        Setting(
            "connections-max", .limits, .count(1...10_000_000), \.limits.connectionsMax,
            "Open connections."),
        Setting(
            "connections-per-address-max", .limits, .count(0...10_000_000),
            \.limits.connectionsPerAddressMax,
            "Open connections of one client address; 0 for no limit."),
        Setting(
            "header-bytes-max", .limits, .bytes(1_024...megabytes(1)), \.limits.headerBytesMax,
            "Request line and headers of one HTTP request."),
        Setting(
            "body-bytes-max", .limits, .bytes(1_024...megabytes(1_024)), \.limits.bodyBytesMax,
            "Body of one HTTP request."),
        Setting(
            "image-bytes-max", .limits, .bytes(1_024...megabytes(1_024)), \.limits.imageBytesMax,
            "One image of a form."),
        Setting(
            "images-max", .limits, .count(1...100), \.limits.imagesMax, "Images of one form."),
        Setting(
            "message-bytes-max", .limits, .bytes(1_024...megabytes(64)), \.limits.messageBytesMax,
            "One WebSocket message after inflation, and the body of one STOMP frame."),
        Setting(
            "stomp-headers-max", .limits, .count(8...1_024), \.limits.stompHeadersMax,
            "Headers of one STOMP frame."),
        Setting(
            "stomp-header-bytes-max", .limits, .bytes(256...megabytes(1)),
            \.limits.stompHeaderBytesMax, "One header line of a STOMP frame."),
        Setting(
            "subscriptions-max", .limits, .count(1...100_000), \.limits.subscriptionsMax,
            "Subscriptions of one session."),
        Setting(
            "streams-per-user-max", .limits, .count(0...1_000_000), \.limits.streamsPerUserMax,
            "Event streams that one user may have open; 0 for no limit."),
        Setting(
            "unacknowledged-max", .limits, .count(1...100_000), \.limits.unacknowledgedMax,
            "Publishes of one session that may wait for the store."),
        Setting(
            "publishes-per-second-max", .limits, .count(0...1_000_000),
            \.limits.publishesPerSecondMax,
            "Messages of one user in a second, twice as many at once; 0 for no limit."),
        Setting(
            "rooms-max", .limits, .count(1...10_000_000), \.limits.roomsMax,
            "Rooms and topics that are open at a time."),
        Setting(
            "outbox-bytes-max", .limits, .bytes(2_048...megabytes(1_024)), \.limits.outboxBytesMax,
            "Bytes that may wait for a slow client before it is disconnected."),
        Setting(
            "outbox-total-bytes-max", .limits, .bytes(megabytes(1)...megabytes(1_048_576)),
            \.limits.outboxTotalBytesMax,
            "Bytes that all clients together may make the node hold; those with most go first."),
        Setting(
            "logins-per-minute-max", .limits, .count(1...60_000), \.limits.loginsPerMinuteMax,
            "Logins from one address, and sign-ups from one address."),
        Setting(
            "logins-per-account-max", .limits, .count(1...60_000), \.limits.loginsPerAccountMax,
            "Logins to one account in a minute."),
        Setting(
            "idle-timeout", .limits, .duration(.seconds(1)...days(1)), \.limits.idleTimeout,
            "Silence after which an idle HTTP connection is closed."),
        Setting(
            "handshake-timeout", .limits, .duration(.milliseconds(100)...days(1)),
            \.limits.handshakeTimeout, "Time for a request, and for CONNECT, to arrive."),
        Setting(
            "room-history-max", .limits, .count(0...100_000_000), \.limits.roomHistoryMax,
            "Publications that a chat room keeps."),
    ]

    private static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }

    private static func megabytes(_ count: Int) -> Int { count * 1_024 * 1_024 }
}
