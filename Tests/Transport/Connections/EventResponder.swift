import Engine
import TestSupport
import Transport

/// Answers `/events` with the stream that its query names, as does everything else that another
/// responder answers: after that.
///
/// The query: `feed` (a destination, `name=destination` where its events have a name; repeated),
/// `after`, `user`, and `expires` in milliseconds from now.
struct EventResponder: HTTPResponder {
    let community: Community
    let others: any HTTPResponder

    func reception(of head: HTTPRequestHead) -> (any HTTPReception)? { others.reception(of: head) }

    func refusal(_ status: HTTPStatus) -> HTTPResponse { others.refusal(status) }

    @concurrent func respond(to request: HTTPRequest) async -> HTTPAnswer {
        let answer = await others.respond(to: request)
        guard request.head.path == "/events" else { return answer }
        var feeds: [EventStream.Feed] = []
        var position: Position?
        var user = UserID(1)
        var expiresAtMs: Int64?
        for item in request.head.query {
            switch item.name {
            case "feed":
                let parts = item.value.split(separator: "=")
                feeds.append(
                    parts.count == 2
                        ? .init(String(parts[1]), named: String(parts[0])) : .init(item.value))
            case "after": position = Position(item.value)
            case "user": user = UserID(Int64(item.value) ?? 1)
            case "expires": expiresAtMs = community.now() + (Int64(item.value) ?? 0)
            default: break
            }
        }
        let identity = Identity(
            user: user, name: "user \(user)", role: .user, expiresAtMs: expiresAtMs)
        return .events(
            EventStream(
                of: feeds, after: position, for: identity, in: community,
                wording: EventStream.Wording(
                    begins: { Array("\($1.rawValue) \($0)".utf8) },
                    ends: { Array($0.code.rawValue.utf8) })))
    }
}
