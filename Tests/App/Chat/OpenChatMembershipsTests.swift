import Engine
import TestSupport
import Testing

@testable import App

struct OpenChatMembershipsTests {
    private let store = InMemoryStore(now: { 1_000 })

    /// The community's open chats, as one of its nodes has them.
    private func node() -> OpenChats {
        OpenChats(
            store: store, authority: AuthorityLog(store: store, now: { 1_000 }),
            streams: StreamsInMemory(store: store, now: { 1_000 }).streams, now: { 1_000 })
    }

    @Test func `everybody gets in where many join at once`() async throws {
        let owner = Identity(user: UserID(1), name: "owner", role: .user)
        let nodes = [node(), node()]
        let room = try await nodes[0].create(title: "walks", content: "", owner: owner, key: nil).id
        try await withThrowingTaskGroup(of: Void.self) { group in
            for user in 2...200 {
                group.addTask { try await nodes[user % 2].join(room, UserID(Int64(user))) }
            }
            try await group.waitForAll()
        }
        #expect(try await nodes[0].chat(room).memberCount == 200)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for user in 2...200 {
                group.addTask { try await nodes[user % 2].leave(room, UserID(Int64(user))) }
            }
            try await group.waitForAll()
        }
        #expect(try await nodes[1].chat(room).memberCount == 1)
    }
}
