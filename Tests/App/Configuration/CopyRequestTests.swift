import Testing
import Transport

@testable import App

struct CopyRequestTests {
    @Test func `takes a directory and servers, each named by a flag of its own or all in one`()
        throws
    {
        let servers = [try RedisURL("redis://a"), try RedisURL("redis+sentinel://b/pets")]
        let expected = CopyRequest(
            from: .directory("./my data"), to: .redis(servers, prefix: "petnexus:"),
            replacing: false)
        let from = ["copy", "--from", "./my data"]
        #expect(
            try parse(from + ["--to", "redis://a", "--to", "redis+sentinel://b/pets"]) == expected)
        #expect(try parse(from + ["--to=redis://a redis+sentinel://b/pets"]) == expected)
        #expect(
            try parse(from, ["PETNEXUS_TO": "redis://a redis+sentinel://b/pets"]) == expected)
    }

    @Test func `each side has a prefix, which is the site's unless it is given`() throws {
        let a = [try RedisURL("redis://a")]
        let line = ["copy", "--from", "redis://a", "--to", "redis://a", "--force"]
        #expect(
            try parse(line + ["--to-prefix", "b:"], ["PETNEXUS_REDIS_PREFIX": "a:"])
                == CopyRequest(
                    from: .redis(a, prefix: "a:"), to: .redis(a, prefix: "b:"), replacing: true))
    }

    @Test(
        arguments: [
            (["--to", "d"], .missingFlag("--from", command: "copy")),
            (["--from", "d"], .missingFlag("--to", command: "copy")),
            (["--from", "d", "e", "--to", "f"], .surplusOperand("e", command: "copy")),
            (["--from", "d", "--to"], .missingValue(flag: "--to")),
            (["--from", "d", "--frce"], .unknownFlag("--frce", closest: "--force")),
            (["--data", "d"], .foreignFlag("--data", command: "copy")),
            (
                ["--from", "d", "--from", "e", "--to", "f"],
                .contradiction("--from takes one directory, or servers of Redis")
            ),
            (
                ["--from", "d", "--from-prefix", "a:", "--to", "f"],
                .contradiction("--from-prefix is for Redis, and --from is a directory")
            ),
            (
                ["--from", "d", "--to", "redis://a", "--to", "redis://:hush@a:6379/0"],
                .contradiction("--to names the same server twice: redis://a:6379")
            ),
            (
                ["--from", "d", "--to", "redis://:hush@a:0"],
                .unusable(
                    source: "--to", text: nil,
                    reason: "is no URL of Redis: expected a port from 1 to 65535 after the host")
            ),
            (
                ["--from", "d", "--to", "redis://a", "--to", "d"],
                .unusable(
                    source: "--to", text: nil,
                    reason: "is no URL of Redis: expected redis://… or redis+sentinel://…")
            ),
            (
                ["--from", "d", "--to", "redis://a", "--to-prefix", "{a}"],
                .unusable(
                    source: "--to-prefix", text: "{a}",
                    reason: "must be 1 to 64 visible ASCII characters other than { and }")
            ),
            (
                ["--from", "d", "--to", "e", "--force=maybe"],
                .unusable(source: "--force", text: "maybe", reason: "must be true or false")
            ),
        ] as [([String], UsageError)])
    func `refuses what can't be copied so`(arguments: [String], error: UsageError) {
        #expect(throws: error) { try parse(["copy"] + arguments) }
    }

    @Test func `flags of this command are none of others`() {
        #expect(throws: UsageError.unknownFlag("--force", closest: nil)) {
            try Invocation.parse(["serve", "--force"], environment: [:]) {
                (_) throws(UnreadableFile) in []
            }
        }
    }

    private func parse(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> CopyRequest {
        let invocation = try Invocation.parse(arguments, environment: environment) {
            (_) throws(UnreadableFile) in []
        }
        guard case .copy(let request) = invocation else {
            throw UsageError.unknownCommand("copy", closest: nil)
        }
        return request
    }
}
