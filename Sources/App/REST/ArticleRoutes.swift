import Engine
import Transport

/// Posts or trades: what people write for everyone, and what others say to it.
struct ArticleRoutes<Answer: ArticleShaped>: Sendable {
    let articles: Articles
    let views: ArticleViews
    let people: People
    /// Nil where the site has no place for images.
    let images: Media?
    let media: MediaAddresses

    var kind: ArticleKind { Answer.kind }
    var root: String { "/api/\(kind.rawValue)" }

    var all: [APIRoute] {
        [
            APIRoute(
                .get, root, "All of them, the newest first.", for: .anyoneByName,
                query: PageQuery.fields() + [ArticleFields.author, ArticleFields.bookmarked],
                gives: .ok(PageAnswer<Answer>.self), list),
            APIRoute(
                .post, root, "Makes one.", takes: ArticleFields.whole(kind), takesImages: true,
                gives: .created(Answer.self), create),
            APIRoute(
                .get, "\(root)/{id}", "One of them.", for: .anyoneByName, gives: .ok(Answer.self),
                show),
            APIRoute(
                .put, "\(root)/{id}",
                "Changes one; what is left out stays, and images take the place of those before.",
                takes: ArticleFields.changes(kind), takesImages: true, gives: .ok(Answer.self),
                update),
            APIRoute(
                .delete, "\(root)/{id}", "Takes one away, with all that was said to it.",
                gives: .done, delete),
            APIRoute(
                .post, "\(root)/{id}/like", "Likes one of somebody else.", gives: .done,
                refuses: [.conflict], like),
            APIRoute(
                .delete, "\(root)/{id}/like", "Takes the like back.", gives: .done, unlike),
            APIRoute(
                .post, "\(root)/{id}/bookmark", "Puts it on the caller's list.", gives: .done
            ) { (request) throws(APIError) in try await setBookmark(true, request) },
            APIRoute(
                .delete, "\(root)/{id}/bookmark", "Takes it off the caller's list.", gives: .done
            ) { (request) throws(APIError) in try await setBookmark(false, request) },
        ] + searches + comments
    }

    // MARK: Articles

    @Sendable private func list(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let page = PageQuery.read(request)
        let index: String
        switch (request[ArticleFields.author], request[ArticleFields.bookmarked]) {
        case (let author?, false): index = ArticleLists.of(UserID(author), kind)
        case (nil, true):
            guard let caller = request.caller else { throw .tokenMissing }
            index = Reaction.bookmark.list(of: caller.user, kind)
        case (nil, false): index = ArticleLists.all(kind)
        case (_?, true): throw .malformedQuery
        }
        let (found, total) = try await refusing { () throws(ArticleError) in
            try await articles.list(
                kind, in: index, skip: page.skip, limit: page.size, oldestFirst: page.isAscending)
        }
        let answers = try await self.answers(found, for: request.caller)
        return HTTPResponse(json: PageAnswer(answers, of: page, total: total))
    }

    @Sendable private func create(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        var text = try ArticleFields.text(in: request, kind, isWhole: true)
        text.images = try await images.pictures(of: request)
        let key = try request.idempotencyKey()
        let article = try await refusing { () throws(ArticleError) in
            try await articles.create(kind, text, by: request.user, key: key)
        }
        return HTTPResponse(json: try await answer(article, for: request.user), status: .created)
    }

    @Sendable private func show(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let id = try request.id()
        let article = try await refusing { () throws(ArticleError) in
            try await articles.article(kind, id)
        }
        return HTTPResponse(json: try await answer(article, for: request.caller))
    }

    @Sendable private func update(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let id = try request.id()
        var text = try ArticleFields.text(in: request, kind, isWhole: false)
        text.images = try await images.pictures(of: request)
        let article = try await refusing { () throws(ArticleError) in
            try await articles.update(kind, id, text, by: request.user)
        }
        if text.images != nil { await images?.collectSoon() }
        return HTTPResponse(json: try await answer(article, for: request.user))
    }

    @Sendable private func delete(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let (id, key) = (try request.id(), try request.idempotencyKey())
        try await refusing { () throws(ArticleError) in
            try await articles.delete(kind, id, by: request.user, key: key)
        }
        await images?.collectSoon()
        return HTTPResponse(acknowledging: "Taken away.")
    }

    // MARK: Reactions

    @Sendable private func like(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let (id, key) = (try request.id(), try request.idempotencyKey())
        try await refusing { () throws(ArticleError) in
            try await articles.like(kind, id, by: request.user, key: key)
        }
        return HTTPResponse(acknowledging: "Liked.")
    }

    @Sendable private func unlike(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let (id, key) = (try request.id(), try request.idempotencyKey())
        try await refusing { () throws(ArticleError) in
            try await articles.unlike(kind, id, by: request.user, key: key)
        }
        return HTTPResponse(acknowledging: "Liked no more.")
    }

    private func setBookmark(
        _ isSet: Bool, _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let id = try request.id()
        try await refusing { () throws(ArticleError) in
            try await articles.setBookmark(isSet, kind, id, by: request.user)
        }
        return HTTPResponse(acknowledging: isSet ? "Bookmarked." : "Bookmarked no more.")
    }

    // MARK: Answers

    func answer(
        _ article: Article, for reader: Identity?
    ) async throws(APIError) -> Answer {
        try await answers([article], for: reader)[0]
    }

    func answers(
        _ articles: [Article], for reader: Identity?
    ) async throws(APIError) -> [Answer] {
        do {
            return try await views.views(of: articles, kind, for: reader?.user).map {
                Answer(answer: ArticleAnswer($0, media))
            }
        } catch {
            throw .storeUnavailable(error)
        }
    }

    /// Says in the words of REST why something was not done.
    func refusing<Value>(
        _ operation: () async throws(ArticleError) -> Value
    ) async throws(APIError) -> Value {
        do {
            return try await operation()
        } catch {
            throw APIError(error, kind)
        }
    }
}
