import Engine

/// The conversation of a buyer and a seller about a trade.
struct TradeChat: Codable, Sendable, Hashable {
    let id: Int64
    let tradeId: Int64
    let sellerId: Int64
    let buyerId: Int64
    let createdAtMs: Int64

    var seller: UserID { UserID(sellerId) }
    var buyer: UserID { UserID(buyerId) }
    var parties: [UserID] { [seller, buyer] }
    var chat: ChatID { ChatID(.trade, id) }
}

/// Why an operation on trade chats was not carried out.
enum TradeChatError: Error, Hashable, Sendable {
    case noSuchRoom
    case noSuchTrade
    /// Nobody buys from themselves.
    case yourOwn
    /// The room is the buyer's and the seller's alone.
    case forbidden
    case store(StoreError)
}
