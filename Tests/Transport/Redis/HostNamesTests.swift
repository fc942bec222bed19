import Testing

@testable import Transport

/// The system's way from names to addresses.
struct HostNamesTests {
    private func resolve(
        _ host: String, port: UInt16
    ) async -> Result<[SocketAddress], HostNames.Failure> {
        await withCheckedContinuation { continuation in
            HostNames.resolve(host, port: port) { continuation.resume(returning: $0) }
        }
    }

    @Test func `a name that the machine knows has its address, with everybody's own port`()
        async throws
    {
        // In any case of letters, as `SocketAddress` itself knows only one.
        async let first = resolve("LOCALHOST", port: 1)
        async let second = resolve("LOCALHOST", port: 2)
        let (one, two) = (try await first.get(), try await second.get())
        #expect(one.contains { $0.host == "127.0.0.1" || $0.host == "::1" })
        #expect(one.allSatisfy { $0.port == 1 })
        #expect(two.allSatisfy { $0.port == 2 })
        #expect(one.map(\.host) == two.map(\.host))
        #expect(Set(one).count == one.count)
    }

    @Test func `a name that nobody has is said, each time it is asked for`() async {
        for _ in 0..<2 {
            let failure = await resolve("nowhere.invalid", port: 1).failure
            #expect(failure?.description.hasPrefix("nowhere.invalid: ") == true)
        }
    }
}
