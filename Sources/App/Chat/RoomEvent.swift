import Engine
import Foundation

/// What happens in a chat room beside its messages: who comes and goes, types, and reads (API.md,
/// "Events of a room").
///
/// Events of one kind and one sender have a content type of their own, so that only the newest of
/// them has to reach a client that reads slowly.
enum RoomEvent {
    /// The JSON that listeners receive.
    static func render(_ publication: Publication, room: Int64) -> Content {
        if let change = PresenceChange(contentType: publication.contentType) {
            let type: StaticString =
                switch change {
                case .joined: "join"
                case .left: "leave"
                }
            return content("presence", publication, type, room) { _ in }
        }
        if let change = TypingChange(contentType: publication.contentType) {
            return content("typing", publication, "typing", room) {
                $0.field("typing", change == .started)
                $0.field("expiresInMs", TypingChange.lifetimeMs)
            }
        }
        if publication.contentType == readType {
            return content("read", publication, "read", room) {
                $0.field("position", text: publication.body)
            }
        }
        return serverContent(publication, room)
    }

    /// What no member did: what the server has changed, or what got lost on the way to this node.
    private static func serverContent(_ publication: Publication, _ room: Int64) -> Content {
        let isKnown = [editedType, closedType].contains(publication.contentType)
        let type = isKnown ? publication.contentType : "missed"
        var json = JSONWriter()
        json.object {
            $0.field("type", text: Array(type.utf8))
            $0.field("roomId", room)
            if type == editedType { $0.field("title", text: publication.body) }
            $0.field("createdAt", text: Timestamp.bytes(publication.timestampMs))
        }
        return Content(body: json.bytes, type: "application/json;event=\(type)")
    }

    /// What the server changes about a room.
    enum Change: Sendable {
        /// Another title.
        case edited(title: String)
        /// There is no room any more.
        case closed
    }

    /// Content types of publications by the server.
    private static let editedType = "edited"
    private static let closedType = "closed"

    /// What is announced when a room was changed.
    static func draft(of change: Change, atMs timestampMs: Int64) -> Draft {
        let (type, body) =
            switch change {
            case .edited(let title): (editedType, Array(title.utf8))
            case .closed: (closedType, [])
            }
        return Draft(
            sender: .server, senderName: "", contentType: type, body: body,
            timestampMs: timestampMs)
    }

    /// The content type of publications that say how far their sender has read; the body is the
    /// position.
    private static let readType = "read"

    /// What is announced when somebody has read on.
    static func draft(of mark: ReadMark, atMs timestampMs: Int64) -> Draft {
        Draft(
            sender: mark.user, senderName: mark.name, contentType: readType,
            body: Array(mark.position.description.utf8), timestampMs: timestampMs)
    }

    private static func content(
        _ kind: String, _ publication: Publication, _ type: StaticString, _ room: Int64,
        _ more: (inout JSONWriter) -> Void
    ) -> Content {
        var json = JSONWriter()
        json.object {
            $0.field("type", text: Array(type.description.utf8))
            $0.field("roomId", room)
            $0.field("userId", publication.sender.rawValue)
            $0.field("user", text: Array(publication.senderName.utf8))
            more(&$0)
            $0.field("createdAt", text: Timestamp.bytes(publication.timestampMs))
        }
        return Content(body: json.bytes, type: "application/json;event=\(kind)")
    }

    private struct SentTyping: Decodable {
        let typing: Bool
    }

    /// Reads whether a client says that its user types; without a body it does.
    static func isTyping(_ body: [UInt8]) throws(Refusal) -> Bool {
        if body.isEmpty { return true }
        do {
            return try JSONDecoder().decode(SentTyping.self, from: Data(body)).typing
        } catch {
            throw Refusal(.badFrame, "the body must be JSON with true or false in \"typing\"")
        }
    }
}
