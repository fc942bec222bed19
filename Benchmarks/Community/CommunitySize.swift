/// How much of everything a community has, at a scale: 1 is a large one.
struct CommunitySize: Sendable {
    let users: Int
    let posts: Int
    let trades: Int
    let comments: Int
    let likes: Int
    let openChats: Int
    let tradeChats: Int
    let messages: Int
    /// What the first user has written of each kind and bookmarked, and what was said to the first post:
    /// enough for 500 pages.
    let ofFirst: Int
    /// Rooms of each kind that the first user is in.
    let roomsOfFirst: Int

    init(scale: Double) {
        func scaled(_ count: Int) -> Int { max(10, Int((Double(count) * scale).rounded())) }
        users = scaled(100_000)
        posts = scaled(100_000)
        trades = scaled(100_000)
        comments = scaled(1_000_000)
        likes = scaled(200_000)
        openChats = scaled(11_000)
        tradeChats = scaled(20_000)
        messages = scaled(5_000_000)
        ofFirst = scaled(10_500)
        roomsOfFirst = min(50, scaled(50))
    }
}
