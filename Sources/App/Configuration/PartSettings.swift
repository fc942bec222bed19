import Engine
import Transport

// What each part of the node is told of the configuration.

extension LoginLimits {
    package init(_ configuration: Configuration) {
        self.init(
            perAccountPerMinute: configuration.limits.loginsPerAccountMax,
            perAddressPerMinute: configuration.limits.loginsPerMinuteMax)
    }
}

extension Tokens.Settings {
    package init(_ configuration: Configuration) {
        self.init(
            accessLifetime: configuration.accessTokenLifetime,
            refreshLifetime: configuration.refreshTokenLifetime)
    }
}

extension Destinations.Settings {
    package init(_ configuration: Configuration) {
        self.init(
            hasOpenTopics: configuration.openTopics,
            retention: { configuration.retention(ofTopic: $0) })
    }
}

extension Media.Settings {
    package init(_ configuration: Configuration) {
        self.init(
            imageBytesMax: configuration.limits.imageBytesMax,
            imagesMax: configuration.limits.imagesMax,
            orphanAgeMs: configuration.imageOrphanAge.wholeMilliseconds)
    }
}

extension OriginPolicy {
    package init(_ configuration: Configuration) {
        self.init(allowed: configuration.allowedOrigins.map(\.text))
    }
}

extension ConnectionLimits {
    package init(_ limits: Configuration.Limits) {
        self.init(
            outboxBytesMax: limits.outboxBytesMax,
            outboxTotalBytesMax: limits.outboxTotalBytesMax,
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
