import Engine

/// A chat room of the community: the room of an open chat, or of a buyer and a seller. Numbers are
/// given by kind.
package struct ChatID: Hashable, Sendable {
    /// The raw values are part of the names of streams.
    package enum Kind: String, Sendable, CaseIterable {
        case open = ""
        case trade
    }

    package let kind: Kind
    package let number: Int64

    package init(_ kind: Kind, _ number: Int64) {
        self.kind = kind
        self.number = number
    }

    /// Of what is said in the room.
    var messages: StreamName { StreamName("\(kind.rawValue)chat/\(number)") }

    /// Of what happens there beside that; nothing of it is kept.
    var events: StreamName { StreamName("\(kind.rawValue)events/\(number)") }

    /// Of who enters; nothing of it is kept.
    var entering: StreamName { StreamName("\(kind.rawValue)enter/\(number)") }

    package var streams: [StreamName] { [messages, events, entering] }

    /// Names the room among all of the community's, in the store.
    var text: String {
        switch kind {
        case .open: String(number)
        case .trade: "trade/\(number)"
        }
    }

    /// The room with this text.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/")
        guard let last = parts.last, let number = Int64(last) else { return nil }
        switch parts.count {
        case 1: self.init(.open, number)
        case 2 where parts[0] == "trade": self.init(.trade, number)
        case _: return nil
        }
    }
}
