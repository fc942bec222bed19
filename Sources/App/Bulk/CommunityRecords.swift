import Engine

/// What the community's people and things look like in the store, for a program that fills a store
/// with very many of them: as changes to be committed, and drafts to be appended.
///
/// Numbers are the caller's, who must give each once, and say at the end how many there are
/// (`numbersTaken`). Nobody is notified of anything.
package enum CommunityRecords {
    /// A kind of things that are numbered.
    package enum Numbered: Sendable {
        case users, openChats, tradeChats
        case articles(isTrade: Bool)
        case comments(isTrade: Bool)
    }

    /// What is offered for sale, and where.
    package struct Offer: Sendable {
        let isFood: Bool
        let price: Int64
        let latitude: Double
        let longitude: Double
        let address: String

        package init(
            isFood: Bool, price: Int64, latitude: Double, longitude: Double, address: String
        ) {
            self.isFood = isFood
            self.price = price
            self.latitude = latitude
            self.longitude = longitude
            self.address = address
        }
    }

    /// Lets the community give out numbers above `count` from now on.
    package static func numbersTaken(_ count: Int, of numbered: Numbered) -> Change {
        let counter =
            switch numbered {
            case .users: Account.collection
            case .openChats: OpenChats.collection
            case .tradeChats: TradeChats.collection
            case .articles(let isTrade): kind(isTrade).rawValue
            case .comments(let isTrade): Articles.commentCollection(kind(isTrade))
            }
        return .add(Int64(count), counter: counter)
    }

    /// The hash of a password that many accounts may share.
    package static func hash(_ password: String) -> String {
        let setting = Crypt.setting(salt: SystemRandom.bytes(Crypt.saltBytes))
        guard let secret = Password(password),
            let text = Crypt.hash(secret.bytes, setting: setting)
        else { preconditionFailure("the password keeps the rules") }
        return text
    }

    /// An account that signs in with an email address.
    package static func user(
        _ id: Int64, email: String, nickname: String, passwordHash: String, atMs timeMs: Int64
    ) -> [Change] {
        guard let address = EmailAddress(email), let nickname = Nickname(nickname) else {
            preconditionFailure("\(email), \(nickname): accounts keep the rules")
        }
        let account = Account(
            id: UserID(id), email: address, nickname: nickname, role: .user,
            passwordHash: PasswordHash(text: passwordHash), createdAtMs: timeMs)
        return [
            .put(Account.key(account.id), value: StoredValue.encode(account)),
            .put(Account.key(address), value: Array(String(id).utf8)),
        ]
    }

    /// A post, or with an offer a trade. In the index of `search`, which grow large, it must be
    /// listed with `searchEntry`; whoever does that in order of the indexes is much faster.
    package static func article(
        _ id: Int64, by author: Int64, title: String, content: String, _ offer: Offer?,
        atMs timeMs: Int64
    ) -> (changes: [Change], search: [String]) {
        let article = Article(
            id: id, authorId: author, title: title, content: content, images: [],
            createdAtMs: timeMs, updatedAtMs: timeMs, trade: offer.map(TradeTerms.init))
        let text = SearchableText(title: title, content: content)
        let changes =
            [
                .put(Articles.key(article.kind, id), value: StoredValue.encode(article)),
                .put(SearchIndex.textKey(article.kind, String(id)), value: text.bytes),
            ] + ArticleLists.listings(of: article).map(\.insertion)
        return (changes, text.grams.map { SearchIndex.index(article.kind, $0) })
    }

    /// An article in an index of `article`'s.
    package static func searchEntry(
        _ id: Int64, atMs timeMs: Int64, in index: String
    ) -> Change {
        Listing(index, timeMs.sortKey, String(id)).insertion
    }

    /// A comment on an article, without its count.
    package static func comment(
        _ id: Int64, on article: Int64, isTrade: Bool, by author: Int64, _ content: String,
        atMs timeMs: Int64
    ) -> [Change] {
        let comment = Comment(
            id: id, articleId: article, authorId: author, content: content, createdAtMs: timeMs,
            updatedAtMs: timeMs)
        return [.put(Articles.commentKey(kind(isTrade), id), value: StoredValue.encode(comment))]
            + Articles.listings(of: comment, on: kind(isTrade)).map(\.insertion)
    }

    /// How many comments an article has.
    package static func commentCount(
        _ count: Int, on article: Int64, isTrade: Bool
    ) -> Change {
        .add(Int64(count), counter: ArticleCounter.comments.name(of: kind(isTrade), article))
    }

    /// A like, or a bookmark.
    package static func reaction(
        isBookmark: Bool, on article: Int64, isTrade: Bool, by user: Int64, atMs timeMs: Int64
    ) -> [Change] {
        Articles.adding(
            isBookmark ? .bookmark : .like, to: kind(isTrade), article, by: UserID(user),
            atMs: timeMs)
    }

    /// An open chat with its members, the owner first.
    package static func openChat(
        _ id: Int64, title: String, members: [Int64], ownerName: String, atMs timeMs: Int64
    ) -> [Change] {
        let chat = OpenChat(
            id: id, title: title, content: "", ownerId: members[0], owner: ownerName,
            memberCount: members.count, createdAtMs: timeMs)
        return [
            .put(OpenChats.key(id), value: StoredValue.encode(chat)),
            OpenChats.listing(of: chat).insertion,
        ]
            + members.flatMap { member in
                [.put(OpenChats.memberKey(id, UserID(member)), value: [])]
                    + OpenChats.listing(UserID(member), in: id)
            }
    }

    /// The room of a buyer and a seller.
    package static func tradeChat(
        _ id: Int64, about trade: Int64, seller: Int64, buyer: Int64, atMs timeMs: Int64
    ) -> [Change] {
        let chat = TradeChat(
            id: id, tradeId: trade, sellerId: seller, buyerId: buyer, createdAtMs: timeMs)
        return [
            .put(TradeChats.pairKey(trade, chat.buyer), value: Array(String(id).utf8)),
            .put(TradeChats.key(id), value: StoredValue.encode(chat)),
        ] + TradeChats.listings(of: chat).map(\.insertion)
    }

    /// What somebody says in a room, and the stream that keeps it.
    package static func message(
        _ text: String, in room: ChatID, by user: Int64, named name: String, atMs timeMs: Int64
    ) -> (draft: Draft, stream: StreamName) {
        let content: Content
        do {
            content = try ChatMessage.compose(text)
        } catch {
            preconditionFailure("messages keep the rules: \(error)")
        }
        let draft = Draft(
            sender: UserID(user), senderName: name, contentType: content.type, body: content.body,
            timestampMs: timeMs)
        return (draft, room.messages)
    }

    private static func kind(_ isTrade: Bool) -> ArticleKind { isTrade ? .trade : .post }
}

extension TradeTerms {
    fileprivate init(_ offer: CommunityRecords.Offer) {
        self.init(
            category: offer.isFood ? .food : .item, price: offer.price,
            place: Place(latitude: offer.latitude, longitude: offer.longitude),
            address: offer.address)
    }
}
