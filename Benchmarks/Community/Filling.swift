import App
import Engine
import Measure
import Transport

/// Fills an empty embedded store with a community. The same seed and size make the same one.
struct Filling {
    /// What every account's owner knows.
    static let password = "community-1"
    /// The community's first day: 1 November 2024. Everything else happens within two years.
    private static let beginMs: Int64 = 1_730_419_200_000
    private static let spanMs: Int64 = 2 * 365 * 86_400_000

    private let size: CommunitySize
    private let progress: (String) -> Void
    private var random: SeededRandom
    private var text: CommunityText
    private var writer: BulkWriter
    private var nicknames: [String] = []

    /// `progress` is told what is being made.
    init(
        _ database: SQLiteDatabase, _ size: CommunitySize, seed: UInt64,
        progress: @escaping (String) -> Void
    ) {
        self.size = size
        self.progress = progress
        random = SeededRandom(seed: seed)
        text = CommunityText(seed: seed &+ 1)
        writer = BulkWriter(database)
    }

    /// The email address of a user.
    static func email(_ user: Int) -> String { "user\(user)@example.org" }

    mutating func fill() async throws {
        try await fillUsers()
        for isTrade in [false, true] {
            try await fillArticles(isTrade)
            try await fillComments(isTrade)
            try await fillReactions(isTrade)
        }
        try await fillOpenChats()
        try await fillTradeChats()
        try await fillMessages()
        progress("the rest")
        try await writer.finish()
    }

    private mutating func fillUsers() async throws {
        progress("users")
        let hash = CommunityRecords.hash(Self.password)
        for user in 1...size.users {
            let nickname = text.nickname(user)
            nicknames.append(nickname)
            try await writer.commit(
                CommunityRecords.user(
                    Int64(user), email: Self.email(user), nickname: nickname, passwordHash: hash,
                    atMs: Self.beginMs))
        }
        try await writer.commit([CommunityRecords.numbersTaken(size.users, of: .users)])
    }

    // MARK: Articles

    private mutating func fillArticles(_ isTrade: Bool) async throws {
        progress(isTrade ? "trades" : "posts")
        let count = articleCount(isTrade)
        var found: [String: [Int32]] = [:]
        for id in 1...count {
            // Every so many are the first user's.
            let isFirst = id % max(1, count / size.ofFirst) == 0
            let (changes, search) = CommunityRecords.article(
                Int64(id), by: isFirst ? 1 : anybody(), title: text.title(),
                content: text.content(), isTrade ? offer() : nil, atMs: time(of: id, of: count))
            try await writer.commit(changes)
            for index in search { found[index, default: []].append(Int32(id)) }
        }
        try await writer.commit([
            CommunityRecords.numbersTaken(count, of: .articles(isTrade: isTrade))
        ])
        progress("what searches find")
        for (index, ids) in found.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
        {
            for piece in stride(from: 0, to: ids.count, by: 1_000) {
                try await writer.commit(
                    ids[piece..<min(piece + 1_000, ids.count)].map { id in
                        CommunityRecords.searchEntry(
                            Int64(id), atMs: time(of: Int(id), of: count), in: index)
                    })
            }
        }
    }

    /// Most are in and around Seoul, some anywhere in the country.
    private mutating func offer() -> CommunityRecords.Offer {
        let isNear = random.happens(0.8)
        return CommunityRecords.Offer(
            isFood: random.happens(0.3), price: Int64.random(in: 1...500, using: &random) * 1_000,
            latitude: .random(in: isNear ? 37.42...37.70 : 34.6...38.3, using: &random),
            longitude: .random(in: isNear ? 126.78...127.18 : 126.4...129.4, using: &random),
            address: text.address())
    }

    private mutating func fillComments(_ isTrade: Bool) async throws {
        progress("comments")
        let articles = articleCount(isTrade)
        let count = size.comments / 2
        var counts: [Int64: Int] = [:]
        for id in 1...count {
            let article =
                id % max(1, count / size.ofFirst) == 0
                ? 1 : Int64.random(in: 1...Int64(articles), using: &random)
            counts[article, default: 0] += 1
            try await writer.commit(
                CommunityRecords.comment(
                    Int64(id), on: article, isTrade: isTrade, by: anybody(), text.remark(),
                    atMs: time(of: id, of: count)))
        }
        for (article, count) in counts {
            try await writer.commit([
                CommunityRecords.commentCount(count, on: article, isTrade: isTrade)
            ])
        }
        try await writer.commit([
            CommunityRecords.numbersTaken(count, of: .comments(isTrade: isTrade))
        ])
    }

    /// Likes by anybody, and bookmarks of the first user.
    private mutating func fillReactions(_ isTrade: Bool) async throws {
        progress("likes and bookmarks")
        let articles = articleCount(isTrade)
        var known: Set<Int64> = []
        for number in 1...size.likes / 2 {
            let (article, user) = (Int64.random(in: 1...Int64(articles), using: &random), anybody())
            guard known.insert(article << 32 | user).inserted else { continue }
            try await writer.commit(
                CommunityRecords.reaction(
                    isBookmark: false, on: article, isTrade: isTrade, by: user,
                    atMs: time(of: number, of: size.likes)))
        }
        for number in 1...min(size.ofFirst, articles) {
            try await writer.commit(
                CommunityRecords.reaction(
                    isBookmark: true, on: Int64(number), isTrade: isTrade, by: 1,
                    atMs: time(of: number, of: size.ofFirst)))
        }
    }

    // MARK: Chats

    private mutating func fillOpenChats() async throws {
        progress("open chats")
        for id in 1...size.openChats {
            var members = [id <= size.roomsOfFirst ? 1 : anybody()]
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                let member = anybody()
                if !members.contains(member) { members.append(member) }
            }
            try await writer.commit(
                CommunityRecords.openChat(
                    Int64(id), title: text.title(), members: members,
                    ownerName: nicknames[Int(members[0]) - 1],
                    atMs: time(of: id, of: size.openChats)))
        }
        try await writer.commit([CommunityRecords.numbersTaken(size.openChats, of: .openChats)])
    }

    private mutating func fillTradeChats() async throws {
        progress("trade chats")
        for id in 1...size.tradeChats {
            // Each about another trade, as far as there are enough.
            let seller = id <= size.roomsOfFirst ? 1 : anybody()
            let buyer = seller % Int64(size.users) + 1
            try await writer.commit(
                CommunityRecords.tradeChat(
                    Int64(id), about: Int64((id - 1) % size.trades + 1), seller: seller,
                    buyer: buyer, atMs: time(of: id, of: size.tradeChats)))
        }
        try await writer.commit([CommunityRecords.numbersTaken(size.tradeChats, of: .tradeChats)])
    }

    /// Most of what is said is said in open chats, and much of that in a few.
    private mutating func fillMessages() async throws {
        progress("messages")
        for number in 1...size.messages {
            let room: ChatID
            if random.happens(0.1) {
                room = ChatID(.trade, Int64.random(in: 1...Int64(size.tradeChats), using: &random))
            } else {
                let chance = Double.random(in: 0..<1, using: &random)
                let rank = Int(chance * chance * Double(size.openChats))
                room = ChatID(.open, Int64(rank + 1))
            }
            let user = anybody()
            let (draft, stream) = CommunityRecords.message(
                text.remark(), in: room, by: user, named: nicknames[Int(user) - 1],
                atMs: time(of: number, of: size.messages))
            try await writer.append(draft, to: stream)
        }
    }

    // MARK: Chance and time

    private mutating func anybody() -> Int64 {
        Int64.random(in: 1...Int64(size.users), using: &random)
    }

    private func articleCount(_ isTrade: Bool) -> Int { isTrade ? size.trades : size.posts }

    /// When the thing with a number is made, of so many.
    private func time(of number: Int, of count: Int) -> Int64 {
        Self.beginMs + Int64(Double(Self.spanMs) * Double(number) / Double(count))
    }
}
