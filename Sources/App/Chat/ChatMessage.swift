import Engine
import Foundation

/// A message in a chat room: what a client sends, what is stored, what members receive.
///
/// Stored is the text alone; who sent it and when are the publication's own. Members and readers of
/// history receive the JSON of API.md, "Body of a chat message".
package enum ChatMessage {
    /// A message's text, in UTF-8 bytes. The frame's limit is above it by the JSON around the text.
    static let textBytesMax = 32_768

    private struct Sent: Decodable {
        let message: String
    }

    /// Reads what a client sent. Fields that the server knows better are ignored.
    package static func compose(
        _ body: [UInt8], _ contentType: String
    ) throws(Refusal) -> Content {
        let text: String
        do {
            text = try JSONDecoder().decode(Sent.self, from: Data(body)).message
        } catch {
            throw Refusal(.badFrame, "the body must be JSON with a text in \"message\"")
        }
        return try compose(text)
    }

    /// Takes a text that is not empty and not too long.
    static func compose(_ text: String) throws(Refusal) -> Content {
        let bytes = Array(text.utf8)
        guard bytes.contains(where: { $0 > UInt8(ascii: " ") }) else {
            throw Refusal(.badFrame, "the message is empty")
        }
        guard bytes.count <= textBytesMax else {
            throw Refusal(.tooLarge, "a message has at most \(textBytesMax) bytes")
        }
        return Content(body: bytes, type: "text/plain;charset=utf-8")
    }

    /// The JSON that members of a room receive for a stored message.
    package static func render(_ publication: Publication, room: Int64) -> Content {
        var json = JSONWriter()
        json.object {
            $0.field("id", Int64(publication.offset))
            $0.fields(of: publication, room: room)
            $0.field("message", text: publication.body)
            $0.field("createdAt", text: Timestamp.bytes(publication.timestampMs))
        }
        return Content(body: json.bytes, type: "application/json")
    }

    /// The JSON that the members of a room receive when somebody enters.
    static func renderEntering(_ publication: Publication, room: Int64) -> Content {
        var json = JSONWriter()
        json.object {
            $0.fields(of: publication, room: room)
            $0.field("message", text: Array("\(publication.senderName) joined".utf8))
            $0.field("createdAt", text: Timestamp.bytes(publication.timestampMs))
        }
        return Content(body: json.bytes, type: "application/json")
    }
}

extension JSONWriter {
    fileprivate mutating func fields(of publication: Publication, room: Int64) {
        field("roomId", room)
        field("senderId", publication.sender.rawValue)
        field("sender", text: Array(publication.senderName.utf8))
    }
}
