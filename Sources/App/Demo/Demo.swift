import Engine
import Synchronization
import Transport

/// Fills an empty store with `DemoStory`, so that a first visit shows life.
///
/// It goes through what members go through, with a clock of its own that begins three days ago. Nobody
/// can sign in as one of its people: nobody knows their passwords.
package struct Demo: Sendable {
    /// From one thing that happens to the next, in milliseconds.
    private static let stepMs: Int64 = 29 * 60 * 1_000
    private static let beginsBeforeMs: Int64 = 3 * 24 * 60 * 60 * 1_000
    private static let filled = RecordKey("demo", "filled")

    private let parts: Parts
    private let clock: DemoClock

    /// What the community is made of, on the demo's clock.
    package struct Parts: Sendable {
        let store: any Store
        let broker: any Broker
        let accounts: Accounts
        let articles: Articles
        let openChats: OpenChats
        let tradeChats: TradeChats
        let pets: Pets
        let streams: ChatStreams

        package init(
            store: any Store, broker: any Broker, accounts: Accounts, articles: Articles,
            openChats: OpenChats, tradeChats: TradeChats, pets: Pets, streams: ChatStreams
        ) {
            self.store = store
            self.broker = broker
            self.accounts = accounts
            self.articles = articles
            self.openChats = openChats
            self.tradeChats = tradeChats
            self.pets = pets
            self.streams = streams
        }
    }

    /// `make` is given the demo's clock (milliseconds since 1970).
    package init(nowMs: Int64, _ make: (@escaping @Sendable () -> Int64) -> Parts) {
        let clock = DemoClock(nowMs - Self.beginsBeforeMs)
        self.clock = clock
        parts = make { clock.nowMs }
    }

    /// Fills the store, unless there is anybody in it already; true where it did.
    package func fill() async throws -> Bool {
        guard try await parts.store.values(of: [Accounts.counter]) == [0] else { return false }
        do {
            // Of several nodes that begin at once, one fills.
            try await parts.store.commit([.put(Self.filled, value: [], expecting: .absent)])
        } catch StoreError.conflict {
            return false
        }
        let people = try await addPeople()
        for pet in DemoStory.pets {
            _ = try await parts.pets.add(pet.text, of: people[pet.owner].user, key: nil)
        }
        for post in DemoStory.posts { try await add(post, people) }
        for trade in DemoStory.trades { try await add(trade, people) }
        for chat in DemoStory.chats { try await add(chat, people) }
        return true
    }

    private func addPeople() async throws -> [Identity] {
        var people: [Identity] = []
        for (index, name) in DemoStory.people.enumerated() {
            clock.advance(byMs: Self.stepMs)
            let account = try await parts.accounts.signUp(
                email: "demo\(index + 1)@petnexus.example",
                password: Base64.encodeURL(SystemRandom.bytes(24)), username: name, from: "demo")
            people.append(account.identity)
        }
        return people
    }

    private func add(_ post: DemoStory.Post, _ people: [Identity]) async throws {
        clock.advance(byMs: Self.stepMs)
        let text = ArticleText(title: post.title, content: post.content)
        let article = try await parts.articles.create(
            .post, text, by: people[post.author], key: nil)
        for reader in post.likes {
            try await parts.articles.like(.post, article.id, by: people[reader], key: nil)
        }
        for remark in post.remarks {
            clock.advance(byMs: Self.stepMs)
            _ = try await parts.articles.comment(
                on: .post, article.id, remark.content, by: people[remark.author], key: nil)
        }
    }

    private func add(_ trade: DemoStory.Trade, _ people: [Identity]) async throws {
        clock.advance(byMs: Self.stepMs)
        let article = try await parts.articles.create(
            .trade, trade.text, by: people[trade.seller], key: nil)
        guard let buyer = trade.buyer else { return }
        let chat = try await parts.tradeChats.open(article.id, by: people[buyer]).chat
        for (index, line) in trade.talk.enumerated() {
            let speaker = index.isMultiple(of: 2) ? buyer : trade.seller
            try await say(line, by: people[speaker], in: chat.chat)
        }
    }

    private func add(_ chat: DemoStory.Chat, _ people: [Identity]) async throws {
        clock.advance(byMs: Self.stepMs)
        let room = try await parts.openChats.create(
            title: chat.title, content: chat.content, owner: people[chat.owner], key: nil)
        for member in chat.members {
            try await parts.openChats.join(room.id, people[member].user)
        }
        for remark in chat.talk {
            try await say(remark.content, by: people[remark.author], in: ChatID(.open, room.id))
        }
    }

    private func say(_ line: String, by speaker: Identity, in chat: ChatID) async throws {
        clock.advance(byMs: Self.stepMs)
        let route = parts.streams.messages(of: chat)
        let content = try ChatMessage.compose(line)
        let draft = Draft(
            sender: speaker.user, senderName: speaker.name, contentType: content.type,
            body: content.body, timestampMs: clock.nowMs)
        let broker = parts.broker
        let result = await withCheckedContinuation { continuation in
            broker.append(draft, to: route.stream, keeping: route.policy.retention) {
                continuation.resume(returning: $0)
            }
        }
        _ = try result.get()
    }
}

/// A clock that goes on when it is told to.
private final class DemoClock: Sendable {
    private let time: Mutex<Int64>

    init(_ nowMs: Int64) {
        time = Mutex(nowMs)
    }

    var nowMs: Int64 { time.withLock { $0 } }

    func advance(byMs ms: Int64) {
        time.withLock { $0 += ms }
    }
}
