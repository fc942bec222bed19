import Engine

/// The fields of posts and trades.
enum ArticleFields {
    static let author = Field<Int64>.id("authorId").optional
    static let bookmarked = Field<Bool>.flag("bookmarked").or(false)

    private static let title = Field<String>.line("title", 1...Article.titleCharactersMax)
    private static let content = Field<String>.lines("content", 1...Article.contentCharactersMax)
    static let category = Field<TradeCategory>.choice("category")
    private static let price = Field<Int64>.integer("price", 0...TradeTerms.priceMax)
    private static let latitude = Field<Double>.number("latitude", -90...90).optional
    private static let longitude = Field<Double>.number("longitude", -180...180).optional
    private static let address = Field<String>
        .line("address", 0...TradeTerms.addressCharactersMax).optional
    static let images = Field<[String]>.texts("images", countMax: Article.imagesMax).optional
    static let status = Field<TradeStatus>.choice("status")

    /// What is said of a new one.
    static func whole(_ kind: ArticleKind) -> [any AnyField] {
        switch kind {
        case .post: [title, content, images]
        case .trade: [title, content, category, price, latitude, longitude, address, images]
        }
    }

    /// What can be said of one that is there.
    static func changes(_ kind: ArticleKind) -> [any AnyField] {
        switch kind {
        case .post: [title.optional, content.optional, images]
        case .trade:
            [
                title.optional, content.optional, category.optional, price.optional, latitude,
                longitude, address, images,
            ]
        }
    }

    /// What a request says of an article, by the fields of `whole` or of `changes`.
    static func text(
        in request: APIRequest, _ kind: ArticleKind, isWhole: Bool
    ) throws(APIError) -> ArticleText {
        var text = ArticleText()
        if isWhole {
            text.title = request[title]
            text.content = request[content]
        } else {
            text.title = request[title.optional]
            text.content = request[content.optional]
        }
        guard kind == .trade else { return text }
        if isWhole {
            text.category = request[category]
            text.price = request[price]
        } else {
            text.category = request[category.optional]
            text.price = request[price.optional]
        }
        text.address = request[address]
        switch (request[latitude], request[longitude]) {
        case (nil, nil): break
        case (let latitude?, let longitude?):
            text.place = Place(latitude: latitude, longitude: longitude)
        case (nil, _?): throw .invalid([missing(latitude.name)])
        case (_?, nil): throw .invalid([missing(longitude.name)])
        }
        return text
    }

    private static func missing(_ field: String) -> FieldProblem {
        FieldProblem(field: field, reason: "A place has both a latitude and a longitude.")
    }
}
