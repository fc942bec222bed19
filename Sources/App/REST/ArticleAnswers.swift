import Engine

/// A post or a trade on the wire. What only trades have is left out of posts.
struct ArticleAnswer: Encodable, Sendable {
    let id: Int64
    let title: String
    let content: String
    let authorId: Int64
    let author: String
    let authorImage: String?
    /// Addresses, relative to the site.
    let images: [String]
    let likeCount: Int64
    let commentCount: Int64
    let bookmarkCount: Int64
    let liked: Bool
    let bookmarked: Bool
    let createdAt: String
    let updatedAt: String
    let category: String?
    let price: Int64?
    let status: String?
    let latitude: Double?
    let longitude: Double?
    let address: String?
    /// From the place that was asked about.
    var distanceKm: Double?

    init(_ view: ArticleView, _ media: MediaAddresses) {
        let article = view.article
        id = article.id
        title = article.title
        content = article.content
        authorId = article.authorId
        author = view.author.name
        authorImage = view.author.image.map(media.address)
        images = article.images.map(media.address)
        likeCount = view.likeCount
        commentCount = view.commentCount
        bookmarkCount = view.bookmarkCount
        liked = view.isLiked
        bookmarked = view.isBookmarked
        createdAt = Timestamp.text(article.createdAtMs)
        updatedAt = Timestamp.text(article.updatedAtMs)
        category = article.trade?.category.rawValue
        price = article.trade?.price
        status = article.trade?.status.rawValue
        latitude = article.trade?.place?.latitude
        longitude = article.trade?.place?.longitude
        address = article.trade?.address
    }

    fileprivate static let properties: [Schema.Property] = [
        .id(), .text("title"), .text("content"), .id("authorId"), .text("author"),
        .init("authorImage", .text(), isRequired: false),
        .init("images", .list(of: .text(), countMax: Article.imagesMax)),
        .count("likeCount"), .count("commentCount"), .count("bookmarkCount"), .flag("liked"),
        .flag("bookmarked"), .time("createdAt"), .time("updatedAt"),
    ]
}

/// The answer about articles of one kind.
protocol ArticleShaped: Shaped {
    static var kind: ArticleKind { get }
    var answer: ArticleAnswer { get }
    init(answer: ArticleAnswer)
}

extension ArticleShaped {
    func encode(to encoder: any Encoder) throws { try answer.encode(to: encoder) }
}

/// A post on the wire.
struct PostAnswer: ArticleShaped {
    static let kind = ArticleKind.post
    let answer: ArticleAnswer

    static let shape = Schema.named("Post", .object(ArticleAnswer.properties))
}

/// A trade on the wire.
struct TradeAnswer: ArticleShaped {
    static let kind = ArticleKind.trade
    let answer: ArticleAnswer

    static let shape = Schema.named(
        "Trade",
        .object(
            ArticleAnswer.properties + [
                .init("category", .choice(TradeCategory.allCases.map(\.rawValue))),
                .init("price", .integer(0...TradeTerms.priceMax)),
                .init("status", .choice(TradeStatus.allCases.map(\.rawValue))),
                .init("latitude", .number(-90...90), isRequired: false),
                .init("longitude", .number(-180...180), isRequired: false),
                .text("address"),
                .init("distanceKm", .number(0...21_000), isRequired: false),
            ]))
}

/// A comment on the wire.
struct CommentAnswer: Shaped {
    let id: Int64
    let content: String
    let authorId: Int64
    let author: String
    let authorImage: String?
    let createdAt: String
    let updatedAt: String

    init(_ comment: Comment, by author: Person, _ media: MediaAddresses) {
        id = comment.id
        content = comment.content
        authorId = comment.authorId
        self.author = author.name
        authorImage = author.image.map(media.address)
        createdAt = Timestamp.text(comment.createdAtMs)
        updatedAt = Timestamp.text(comment.updatedAtMs)
    }

    static let shape = Schema.named(
        "Comment",
        .object([
            .id(), .text("content"), .id("authorId"), .text("author"),
            .init("authorImage", .text(), isRequired: false), .time("createdAt"),
            .time("updatedAt"),
        ]))
}
