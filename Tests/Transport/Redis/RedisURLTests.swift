import Testing

@testable import Transport

/// How the operator says where Redis is.
struct RedisURLTests {
    private func endpoint(_ host: String, _ port: UInt16) -> RedisEndpoint {
        RedisEndpoint(host: host, port: port)
    }

    @Test func `a host alone has Redis' port and the first database`() throws {
        let url = try RedisURL("redis://cache")
        #expect(url.place == .server(endpoint("cache", 6_379)))
        #expect(url.database == 0)
        #expect(url.authentication == nil)
    }

    @Test func `everything can be said`() throws {
        let url = try RedisURL("redis://ann:p%40ss%2F@10.0.0.1:7000/3")
        #expect(url.place == .server(endpoint("10.0.0.1", 7_000)))
        #expect(url.database == 3)
        #expect(
            url.authentication
                == ["AUTH", "ann", "p@ss/"].map { Array($0.utf8) })
    }

    @Test func `a password alone is the default user's`() throws {
        let url = try RedisURL("redis://:secret@cache")
        #expect(url.authentication == ["AUTH", "secret"].map { Array($0.utf8) })
    }

    @Test func `IPv6 addresses stand in brackets`() throws {
        #expect(try RedisURL("redis://[::1]:7000").place == .server(endpoint("::1", 7_000)))
        #expect(try RedisURL("redis://[::1]/2").place == .server(endpoint("::1", 6_379)))
        #expect(throws: RedisURLError.host) { try RedisURL("redis://::1") }
    }

    @Test func `sentinels know the primary by its name`() throws {
        let url = try RedisURL("redis+sentinel://:pw@one,two:7,[::2]:8/main/4")
        #expect(
            url.place
                == .sentinels(
                    [endpoint("one", 26_379), endpoint("two", 7), endpoint("::2", 8)],
                    name: "main"))
        #expect(url.database == 4)
        #expect(url.identity == "main/4")
    }

    @Test func `the identity is what tells servers apart, not who we are to them`() throws {
        #expect(
            try RedisURL("redis://ann:pw@cache").identity
                == RedisURL("redis://cache:6379/").identity)
        #expect(try RedisURL("redis://cache").identity != RedisURL("redis://cache/1").identity)
    }

    @Test(arguments: [
        "redis://ann:topsecret@cache:7000/3", "redis://:topsecret@cache",
        "redis+sentinel://ann:topsecret@one,two/main",
    ])
    func `no password is printed`(text: String) throws {
        let url = try RedisURL(text)
        var dumped = ""
        dump(url, to: &dumped)
        for shown in ["\(url)", String(reflecting: url), dumped, url.identity] {
            #expect(!shown.contains("topsecret"))
        }
        #expect("\(url)".contains("***@"))
    }

    @Test(arguments: [
        ("cache", RedisURLError.scheme), ("http://cache", .scheme), ("rediss://cache", .scheme),
        ("redis://", .host), ("redis://:7000", .host), ("redis://a b", .host),
        ("redis://[::1", .host), ("redis://[cache]", .host), ("redis+sentinel://a,,b/main", .host),
        ("redis://cache:", .port), ("redis://cache:0", .port), ("redis://cache:65536", .port),
        ("redis://cache:+1", .port), ("redis://[::1]7000", .port),
        ("redis://ann@cache", .credentials), ("redis://ann:@cache", .credentials),
        ("redis://ann:%zz@cache", .credentials), ("redis://ann:to/psecret@cache", .credentials),
        ("redis+sentinel://one,two", .name), ("redis+sentinel://one/", .name),
        ("redis://cache/x", .database), ("redis://cache/1/2", .database),
        ("redis://cache/-1", .database), ("redis://cache?x=1", .tail), ("redis://cache#1", .tail),
    ])
    func `what is wrong is said`(text: String, error: RedisURLError) {
        #expect(throws: error) { try RedisURL(text) }
    }

    @Test func `commands are written as arrays of bulk strings`() {
        var bytes: [UInt8] = []
        RESPEncoder.append([Array("ECHO".utf8), [], Array(repeating: 120, count: 12)], to: &bytes)
        RESPEncoder.append([Array("PING".utf8)], to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "*3\r\n$4\r\nECHO\r\n$0\r\n\r\n$12\r\nxxxxxxxxxxxx\r\n*1\r\n$4\r\nPING\r\n")
    }
}
