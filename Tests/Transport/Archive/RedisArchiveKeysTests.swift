import Testing

@testable import Transport

/// Which keys a copy may erase.
struct RedisArchiveKeysTests {
    @Test func `keys of a community whose prefix begins like a claimant's are not this one's`()
        async throws
    {
        // Nobody is there: the archive is only asked what it makes of names.
        try await RedisWorld.with(["redis://127.0.0.1:1"], prefix: "p:") { world in
            let archive = RedisArchive(world.servers, identity: "redis")
            for name in ["claimant:0", "claimant:9f86d081884c7d65", "claimants", "ending"] {
                #expect(archive.isMomentary(Array("p:\(name)".utf8)), "\(name)")
            }
            for name in [
                "claimant:", "claimant:life", "claimant:log:{chat/1}", "claimant:claimants",
                "claimant:claimant:9f", "claimant:9f86d081884c7d650", "claimant:9f ",
            ] {
                #expect(!archive.isMomentary(Array("p:\(name)".utf8)), "\(name)")
            }
        }
    }
}
