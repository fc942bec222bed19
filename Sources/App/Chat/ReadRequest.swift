import Engine
import Foundation

/// What a client says it has read of a room: `{"position": "…"}`, `{"id": N}`, or, without a body,
/// everything.
enum ReadRequest: Hashable {
    case everything
    case position(Position)
    case message(UInt64)

    private struct Sent: Decodable {
        let position: String?
        let id: UInt64?
    }

    init(_ body: [UInt8]) throws(Refusal) {
        if body.isEmpty {
            self = .everything
            return
        }
        let sent: Sent
        do {
            sent = try JSONDecoder().decode(Sent.self, from: Data(body))
        } catch {
            throw Self.unreadable
        }
        switch (sent.position, sent.id) {
        case (nil, nil): self = .everything
        case (nil, let id?): self = .message(id)
        case (let text?, nil):
            guard let position = Position(text) else { throw Self.unreadable }
            self = .position(position)
        case (_?, _?): throw Self.unreadable
        }
    }

    /// What it means as the room stands, where nobody has read more than there is; nil: nothing,
    /// since the position is one of an earlier life of the room.
    func position(in stream: StreamTop) -> Position? {
        let offset: UInt64
        switch self {
        case .everything: offset = stream.top
        case .message(let id): offset = id
        case .position(let position):
            guard position.epoch == stream.epoch else { return nil }
            offset = position.offset
        }
        return Position(epoch: stream.epoch, offset: min(offset, stream.top))
    }

    private static let unreadable = Refusal(
        .badFrame, "the body must be JSON with a \"position\" or a message's \"id\"")
}
