import Engine

/// The endpoints of what people write for everyone: posts and trades.
package struct CommunityRoutes: Sendable {
    private let posts: ArticleRoutes<PostAnswer>
    private let trades: ArticleRoutes<TradeAnswer>

    package init(
        articles: Articles, people: People, store: any Store, images: Media?,
        addresses: MediaAddresses
    ) {
        let views = ArticleViews(store: store, people: people)
        posts = ArticleRoutes(
            articles: articles, views: views, people: people, images: images, media: addresses)
        trades = ArticleRoutes(
            articles: articles, views: views, people: people, images: images, media: addresses)
    }

    package var all: [APIRoute] {
        posts.all + trades.all + TradeRoutes(trades).all + MapRoutes(trades).all
    }
}
