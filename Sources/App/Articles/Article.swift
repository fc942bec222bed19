import Engine

/// What an article is: something said to everyone, or something offered for sale. The raw values name
/// collections of the store and parts of paths.
enum ArticleKind: String, Sendable, CaseIterable {
    case post
    case trade
}

/// A post or a trade.
struct Article: Codable, Sendable, Hashable {
    static let titleCharactersMax = 100
    static let contentCharactersMax = 10_000
    static let imagesMax = 10

    let id: Int64
    let authorId: Int64
    var title: String
    var content: String
    /// Keys of media, in the order in which they are shown.
    var images: [String]
    let createdAtMs: Int64
    var updatedAtMs: Int64
    /// What is asked for; nil for a post.
    var trade: TradeTerms?

    var author: UserID { UserID(authorId) }
    var kind: ArticleKind { trade == nil ? .post : .trade }
}

/// What somebody offers, where, and for how much.
struct TradeTerms: Codable, Sendable, Hashable {
    static let priceMax: Int64 = 1_000_000_000_000
    static let addressCharactersMax = 200

    var category: TradeCategory
    /// In won.
    var price: Int64
    var status = TradeStatus.onSale
    /// Where it is; nil: the seller doesn't say.
    var place: Place?
    var address: String
}

enum TradeCategory: String, Codable, Sendable, CaseIterable {
    case item = "ITEM"
    case food = "FOOD"
}

enum TradeStatus: String, Codable, Sendable, CaseIterable {
    case onSale = "ON_SALE"
    case reserved = "RESERVED"
    case sold = "SOLD"
}

/// A point on the Earth, in degrees.
struct Place: Codable, Sendable, Hashable {
    /// North is positive; -90 … 90.
    let latitude: Double
    /// East is positive; -180 … 180.
    let longitude: Double
}

/// What the author of an article writes; of a change, nil stays as it is.
struct ArticleText: Sendable {
    var title: String?
    var content: String?
    var images: Pictures?
    var category: TradeCategory?
    var price: Int64?
    var place: Place?
    var address: String?
}

/// Why an operation on articles was not carried out; nothing has changed then.
enum ArticleError: DomainError, Hashable {
    case noSuchArticle
    case noSuchComment
    /// Only the author and administrators may.
    case notYours
    /// Nobody likes their own.
    case yourOwn
    case alreadyLiked
    case notLiked
    case store(StoreError)
}
