import Engine
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// Events of which only the newest matters, and members that read too slowly for all of them.
struct EphemeralTests {
    /// `/topic/events…` is ephemeral, every other topic is kept.
    private struct MixedDirectory: Directory {
        private let events = OpenDirectory(
            RoomPolicy(retention: Retention(countMax: 10_000), isEphemeral: true))
        private let others = OpenDirectory()

        func route(
            _ destination: String, for action: DestinationAction, by identity: Identity
        ) async throws(Refusal) -> Route {
            let directory = destination.hasPrefix("/topic/events") ? events : others
            return try await directory.route(destination, for: action, by: identity)
        }
    }

    private static let kept = Noise.text(8_000)

    /// Publishes to a room until the kernel takes nothing more for its first member, and returns how
    /// many messages that were.
    private static func block(
        _ server: TestServer, _ publisher: STOMPClient, by topic: String
    ) throws -> Int {
        let isBlocked = Mutex(false)
        var count = 0
        while !isBlocked.withLock({ $0 }) {
            try #require(count < 10_000, "the kernel takes everything")
            try publisher.publish(kept, to: topic)
            _ = try publisher.roundTrip()
            count += 1
            server.onLoop { reactor in
                let connection = reactor.slots[0].connection
                isBlocked.withLock { $0 = connection?.isBehind ?? false }
            }
        }
        return count
    }

    @Test(arguments: STOMPClient.Carrier.allCases)
    func `a member that reads slowly gets the newest event of each kind, and every message`(
        carrier: STOMPClient.Carrier
    ) async throws {
        try await TestServer.run(directory: MixedDirectory()) { server in
            let slow = try STOMPClient(server, over: carrier, receiveBufferBytes: 4_096)
            try slow.connect()
            try slow.subscribe("m", to: "/topic/messages")
            try slow.subscribe("e", to: "/topic/events")
            let publishers = try (1...3).map { user in
                let publisher = try STOMPClient(server)
                try publisher.connect(user: user)
                return publisher
            }
            let keptCount = try Self.block(server, publishers[0], by: "/topic/messages")
            let waiting = Mutex(0)
            server.onLoop { reactor in
                waiting.withLock { $0 = reactor.slots[0].connection?.outbox.count ?? 0 }
            }
            for number in 1...100 {
                for publisher in publishers {
                    try publisher.publish("\(number)", to: "/topic/events")
                }
            }
            try publishers[0].publish("last", to: "/topic/messages")
            for publisher in publishers { _ = try publisher.roundTrip() }
            server.onLoop { reactor in
                // One more message waits at most, and no event does.
                let count = reactor.slots[0].connection?.outbox.count ?? 0
                waiting.withLock { $0 = count - $0 }
            }
            #expect(waiting.withLock { $0 } < 500)

            let frames = try slow.messages(keptCount + 1 + 3)
            let messages = frames.filter { $0.headers.value(of: "subscription") == "m" }
            #expect(messages.map(\.offset) == (1...UInt64(keptCount) + 1).map(\.self))
            let events = frames.filter { $0.headers.value(of: "subscription") == "e" }
            #expect(events.map(\.text) == ["100", "100", "100"])
            #expect(Set(events.map { $0.headers.value(of: "sender") }).count == 3)
            let offsets = events.compactMap(\.offset)
            #expect(offsets == offsets.sorted())
            // Who keeps up again gets each event.
            for number in 1...5 {
                try publishers[0].publish("\(number)", to: "/topic/events")
                #expect(try slow.messages(1).map(\.text) == ["\(number)"])
            }
        }
    }

    @Test func `events alone make nobody too slow, and reach the others`() async throws {
        let limits = ConnectionLimits(outboxBytesMax: 100_000, lingerMs: 60_000)
        try await TestServer.run(limits: limits, directory: MixedDirectory()) { server in
            let stuck = try STOMPClient(server, receiveBufferBytes: 4_096)
            try stuck.connect()
            try stuck.subscribe(to: "/topic/events")
            let other = try STOMPClient(server)
            try other.connect()
            try other.subscribe(to: "/topic/events")
            let publisher = try STOMPClient(server)
            try publisher.connect()
            // More than the kernel's buffers hold.
            let count = UInt64(1_500)
            for number in 1...count {
                try publisher.publish(Self.kept, to: "/topic/events")
                #expect(try other.messages(1).first?.offset == number)
            }
            var offsets: [UInt64] = []
            while offsets.last != count {
                offsets.append(try #require(try stuck.messages(1).first?.offset))
            }
            #expect(offsets.count < count)
            #expect(zip(offsets, offsets.dropFirst()).allSatisfy(<))
        }
    }

    @Test func `who leaves a room hears none of its events that waited`() async throws {
        try await TestServer.run(directory: MixedDirectory()) { server in
            let slow = try STOMPClient(server, receiveBufferBytes: 4_096)
            try slow.connect()
            try slow.subscribe("m", to: "/topic/messages")
            try slow.subscribe("e", to: "/topic/events")
            let publisher = try STOMPClient(server)
            try publisher.connect()
            let keptCount = try Self.block(server, publisher, by: "/topic/messages")
            try publisher.publish("one", to: "/topic/events")
            _ = try publisher.roundTrip()
            try slow.send(.unsubscribe, [("id", "e"), ("receipt", "u")])
            let messages = try slow.messages(keptCount)
            #expect(messages.allSatisfy { $0.headers.value(of: "subscription") == "m" })
            #expect(try slow.roundTrip().allSatisfy { $0.command == .receipt })
        }
    }
}
