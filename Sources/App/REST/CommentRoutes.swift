import Engine
import Transport

/// What is said about posts and trades.
extension ArticleRoutes {
    private var content: Field<String> { .lines("content", 1...Comment.charactersMax) }

    var comments: [APIRoute] {
        [
            APIRoute(
                .get, "\(root)/{id}/comment", "What was said about it, the newest first.",
                for: .anyoneByName, query: PageQuery.fields(),
                gives: .ok(PageAnswer<CommentAnswer>.self), listComments),
            APIRoute(
                .post, "\(root)/{id}/comment", "Says something about it.", takes: [content],
                gives: .created(CommentAnswer.self), comment),
            APIRoute(
                .put, "\(root)/{id}/comment/{commentId}", "Changes a comment.", takes: [content],
                gives: .ok(CommentAnswer.self), updateComment),
            APIRoute(
                .delete, "\(root)/{id}/comment/{commentId}", "Takes a comment away.",
                gives: .done, deleteComment),
        ]
    }

    @Sendable private func listComments(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let (id, page) = (try request.id(), PageQuery.read(request))
        let (found, total) = try await refusing { () throws(ArticleError) in
            try await articles.comments(
                on: kind, id, skip: page.skip, limit: page.size, oldestFirst: page.isAscending)
        }
        return HTTPResponse(json: PageAnswer(try await answers(found), of: page, total: total))
    }

    @Sendable private func comment(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let (id, key) = (try request.id(), try request.idempotencyKey())
        let made = try await refusing { () throws(ArticleError) in
            try await articles.comment(
                on: kind, id, request[content], by: request.user, key: key)
        }
        return HTTPResponse(json: try await answers([made])[0], status: .created)
    }

    @Sendable private func updateComment(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let (id, number) = (try request.id(), try request.id("commentId"))
        let changed = try await refusing { () throws(ArticleError) in
            try await articles.updateComment(
                on: kind, id, number, request[content], by: request.user)
        }
        return HTTPResponse(json: try await answers([changed])[0])
    }

    @Sendable private func deleteComment(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let (id, number) = (try request.id(), try request.id("commentId"))
        let key = try request.idempotencyKey()
        try await refusing { () throws(ArticleError) in
            try await articles.deleteComment(on: kind, id, number, by: request.user, key: key)
        }
        return HTTPResponse(acknowledging: "Taken away.")
    }

    private func answers(_ comments: [Comment]) async throws(APIError) -> [CommentAnswer] {
        do {
            let authors = try await people.people(comments.map(\.author))
            return comments.map {
                CommentAnswer($0, by: authors[$0.author, default: .unknown], media)
            }
        } catch {
            throw .storeUnavailable(error)
        }
    }
}
