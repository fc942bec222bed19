import Engine
import Synchronization
import TestSupport
import Testing

@testable import App

struct OpenChatBansTests {
    private let store: InMemoryStore
    private let openChats: OpenChats
    /// The same as another node has them.
    private let elsewhere: OpenChats
    private let rendezvous = Rendezvous()
    private let told = Told()
    private let owner = Identity(user: UserID(1), name: "owner", role: .user)
    private let admin = Identity(user: UserID(2), name: "admin", role: .admin)
    private let guest = Identity(user: UserID(3), name: "guest", role: .user)

    init() {
        let clock = ManualClock()
        let told = told
        store = InMemoryStore(now: { clock.nowMs }, schedule: rendezvous.run)
        let authority = AuthorityLog(
            store: store, now: { clock.nowMs }, telling: { told.add($0) })
        let streams = StreamsInMemory(store: store, now: { clock.nowMs }).streams
        openChats = OpenChats(
            store: store, authority: authority, streams: streams, now: { clock.nowMs })
        elsewhere = OpenChats(
            store: store, authority: authority, streams: streams, now: { clock.nowMs })
    }

    private func room() async throws -> Int64 {
        try await openChats.create(title: "walks", content: "", owner: owner, key: nil).id
    }

    @Test func `who is kicked out is no member and kept out`() async throws {
        let room = try await room()
        try await openChats.join(room, guest.user)
        try await openChats.kick(guest.user, from: room, by: owner)
        #expect(try await openChats.chat(room).memberCount == 1)
        #expect(told.users == [guest.user])
        await #expect(throws: OpenChatError.forbidden) {
            try await openChats.join(room, guest.user)
        }
        await #expect(throws: OpenChatError.forbidden) {
            try await openChats.check(room, for: guest.user)
        }
        try await openChats.check(room, for: admin.user)
    }

    @Test func `who is no member can be kept out, too`() async throws {
        let room = try await room()
        for _ in 0..<2 { try await openChats.kick(guest.user, from: room, by: owner) }
        #expect(try await openChats.chat(room).memberCount == 1)
        await #expect(throws: OpenChatError.forbidden) {
            try await openChats.check(room, for: guest.user)
        }
    }

    @Test func `who is let in again may join again`() async throws {
        let room = try await room()
        try await openChats.join(room, guest.user)
        try await openChats.kick(guest.user, from: room, by: owner)
        try await openChats.readmit(guest.user, to: room, by: admin)
        try await openChats.check(room, for: guest.user)
        #expect(try await openChats.chat(room).memberCount == 1)
        try await openChats.join(room, guest.user)
        #expect(try await openChats.chat(room).memberCount == 2)
        #expect(told.users == [guest.user, guest.user])
    }

    @Test func `nothing is told where nothing changes`() async throws {
        let room = try await room()
        try await openChats.readmit(guest.user, to: room, by: owner)
        #expect(told.users.isEmpty)
        for _ in 0..<3 { try await openChats.kick(guest.user, from: room, by: owner) }
        #expect(told.users == [guest.user])
    }

    @Test func `so many are kept out of a room and no more`() async throws {
        let room = try await room()
        let index = "openchat-bans/\(room)"
        try await store.commit(
            (0..<OpenChats.bansMax).map {
                .insert(
                    IndexEntry(sortKey: Int64($0 + 100).sortKey, id: "\($0 + 100)"), index: index)
            })
        await #expect(throws: OpenChatError.tooManyBans) {
            try await openChats.kick(guest.user, from: room, by: owner)
        }
        try await store.commit(
            [.delete(IndexEntry(sortKey: Int64(100).sortKey, id: "100"), index: index)])
        try await openChats.kick(guest.user, from: room, by: owner)
    }

    @Test func `only the owner and administrators keep people out, and nobody the owner`()
        async throws
    {
        let room = try await room()
        let attempts = [(admin.user, guest), (owner.user, admin), (owner.user, owner)]
        for (user, caller) in attempts {
            await #expect(throws: OpenChatError.forbidden) {
                try await openChats.kick(user, from: room, by: caller)
            }
        }
        await #expect(throws: OpenChatError.forbidden) {
            try await openChats.readmit(guest.user, to: room, by: guest)
        }
        await #expect(throws: OpenChatError.noSuchRoom) {
            try await openChats.kick(guest.user, from: room + 1, by: admin)
        }
        #expect(told.users.isEmpty)
        try await openChats.kick(guest.user, from: room, by: admin)
    }

    @Test func `a room is closed to the one who was kicked out of it alone`() async throws {
        let first = try await room()
        let second = try await room()
        try await openChats.kick(guest.user, from: first, by: owner)
        try await openChats.check(second, for: guest.user)
        try await openChats.join(first, UserID(33))
    }

    @Test(arguments: 0..<20)
    func `who joins while being kicked out is out in the end`(round: Int) async throws {
        let room = try await room()
        rendezvous.expect(2)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await elsewhere.join(room, guest.user) }
            group.addTask { try? await openChats.kick(guest.user, from: room, by: owner) }
        }
        await #expect(throws: OpenChatError.forbidden) {
            try await openChats.check(room, for: guest.user)
        }
        #expect(try await openChats.chat(room).memberCount == 1)
    }
}
