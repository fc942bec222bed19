import Testing
import Transport

@testable import App

struct SettingTests {
    @Test func `names are unique, and made of lower-case words and dashes`() {
        let names = Setting.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z][a-z0-9]*(-[a-z]+)*/) != nil })
    }

    @Test func `the name in the environment follows from the flag`() throws {
        let setting = try #require(Setting.all.first { $0.name == "stomp-port" })
        #expect(setting.flag == "--stomp-port")
        #expect(setting.variable == "PETNEXUS_STOMP_PORT")
    }

    @Test(arguments: Setting.all.map(\.name))
    func `a default is a value that could have been given`(name: String) throws {
        let setting = try #require(Setting.all.first { $0.name == name })
        var configuration = Configuration()
        try setting.apply([setting.show(configuration)], &configuration)
        #expect(configuration == Configuration())
    }

    @Test func `the defaults do not contradict each other`() {
        #expect(Configuration().contradiction == nil)
    }

    @Test(
        arguments: [
            ("host", "::1", \Configuration.host.description, "::1"),
            ("host", "localhost", \.host.description, "127.0.0.1"),
            ("data", "/var/lib/pets", \.data, "/var/lib/pets"), ("web", "web", \.web, "web"),
            ("redis-prefix", "pets:", \.redisPrefix, "pets:"),
        ] as [(String, String, any KeyPath<Configuration, String> & Sendable, String)])
    func `sets a text`(
        name: String, text: String, path: any KeyPath<Configuration, String> & Sendable,
        value: String
    ) throws {
        #expect(try configuration(name, text)[keyPath: path] == value)
    }

    @Test(
        arguments: [
            ("port", "0", \Configuration.port, 0), ("port", "65535", \.port, 65_535),
            ("loops", "3", \.loops, 3), ("redis-wait", "2", \.redisWait, 2),
            ("connections-max", "7", \.limits.connectionsMax, 7),
            ("connections-per-address-max", "0", \.limits.connectionsPerAddressMax, 0),
            ("header-bytes-max", "32KiB", \.limits.headerBytesMax, 32_768),
            ("body-bytes-max", "2MiB", \.limits.bodyBytesMax, 2_097_152),
            ("message-bytes-max", "4096", \.limits.messageBytesMax, 4_096),
            ("stomp-headers-max", "9", \.limits.stompHeadersMax, 9),
            ("stomp-header-bytes-max", "1KiB", \.limits.stompHeaderBytesMax, 1_024),
            ("subscriptions-max", "2", \.limits.subscriptionsMax, 2),
            ("streams-per-user-max", "0", \.limits.streamsPerUserMax, 0),
            ("unacknowledged-max", "1", \.limits.unacknowledgedMax, 1),
            ("outbox-bytes-max", "8MiB", \.limits.outboxBytesMax, 8_388_608),
            ("logins-per-minute-max", "5", \.limits.loginsPerMinuteMax, 5),
            ("room-history-max", "0", \.limits.roomHistoryMax, 0),
        ] as [(String, String, any KeyPath<Configuration, Int> & Sendable, Int)])
    func `sets a number`(
        name: String, text: String, path: any KeyPath<Configuration, Int> & Sendable, value: Int
    ) throws {
        #expect(try configuration(name, text)[keyPath: path] == value)
    }

    @Test(
        arguments: [
            ("access-token-lifetime", "1m", \Configuration.accessTokenLifetime, .seconds(60)),
            ("refresh-token-lifetime", "1d", \.refreshTokenLifetime, .seconds(86_400)),
            ("drain", "0s", \.drain, .zero),
            ("idle-timeout", "2s", \.limits.idleTimeout, .seconds(2)),
            ("handshake-timeout", "500ms", \.limits.handshakeTimeout, .milliseconds(500)),
        ] as [(String, String, any KeyPath<Configuration, Duration> & Sendable, Duration)])
    func `sets a time`(
        name: String, text: String, path: any KeyPath<Configuration, Duration> & Sendable,
        value: Duration
    ) throws {
        #expect(try configuration(name, text)[keyPath: path] == value)
    }

    @Test func `sets what may be absent`() throws {
        #expect(try configuration("stomp-port", "61613").stompPort == 61_613)
        #expect(try configuration("stomp-port", "off").stompPort == nil)
        #expect(try configuration("node-name", "n1").nodeName == "n1")
        #expect(try configuration("node-name", "automatic").nodeName == nil)
        let key = String(repeating: "k", count: 32)
        #expect(try configuration("jwt-secret", key).jwtSecret == Secret(key))
    }

    @Test func `sets switches, levels and lists`() throws {
        #expect(try configuration("open-topics", "true").openTopics)
        #expect(try configuration("log-level", "debug").logLevel == .debug)
        #expect(
            try configuration("trusted-proxy", "10.0.0.0/8 ::1").trustedProxies
                == [CIDR("10.0.0.0/8"), CIDR("::1")])
        #expect(
            try configuration("allowed-origin", " https://a.example\nhttp://b.example ")
                .allowedOrigins == [WebOrigin("https://a.example"), WebOrigin("http://b.example")])
        #expect(
            try configuration("redis", "redis://a redis+sentinel://b,c/pets").redis
                == [RedisURL("redis://a"), RedisURL("redis+sentinel://b,c/pets")])
        #expect(try configuration("topic", "a=history:1").topics == [TopicRule("a=history:1")])
    }

    @Test(arguments: [
        ("host", "pets.example"), ("port", "65536"), ("port", "-1"), ("port", ""), ("port", "http"),
        ("stomp-port", "on"), ("loops", "0"), ("open-topics", "yes"), ("data", ""),
        ("jwt-secret", "short"), ("drain", "30"), ("drain", "25h"),
        ("log-level", "loud"), ("topic", "a"), ("trusted-proxy", "10.0.0.1/8"),
        ("allowed-origin", "*"), ("header-bytes-max", "1"), ("message-bytes-max", "1GiB"),
        ("redis", "localhost:6379"), ("redis-prefix", ""), ("redis-prefix", "{pets}"),
        ("redis-wait", "17"), ("node-name", "a b"), ("node-name", "집"),
        ("idle-timeout", "0s"), ("access-token-lifetime", "2d"),
    ])
    func `refuses a value it can't use`(name: String, text: String) {
        #expect(throws: UnusableValue.self) { try configuration(name, text) }
    }

    @Test func `a list is refused for its first unusable word`() {
        #expect {
            try configuration("trusted-proxy", "::1 everyone 10.0.0.0/8")
        } throws: {
            ($0 as? UnusableValue)?.text == "everyone"
        }
    }

    @Test func `shows where Redis is, and a mask for the password`() throws {
        let setting = try #require(Setting.all.first { $0.name == "redis" })
        let configuration = try configuration("redis", "redis://mia:hush@a redis://b:7/1")
        #expect(setting.show(configuration) == "redis://mia:***@a:6379 redis://b:7/1")
    }

    @Test func `a node among others has a name, one that is alone only when it is given`() throws {
        var configuration = Configuration()
        #expect(configuration.name(host: "pets", process: 5) == nil)
        configuration.redis = [try RedisURL("redis://a")]
        #expect(configuration.name(host: "pets", process: 5) == "pets:8080")
        configuration.port = 0
        #expect(configuration.name(host: "pets", process: 5) == "pets:5")
        configuration.nodeName = "n1"
        #expect(configuration.name(host: "pets", process: 5) == "n1")
    }

    private func configuration(_ name: String, _ text: String) throws -> Configuration {
        let setting = try #require(Setting.all.first { $0.name == name })
        var configuration = Configuration()
        try setting.apply([text], &configuration)
        return configuration
    }
}
