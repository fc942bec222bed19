/// A text with places to be filled in: `{room}`, the number or id of a room, and `{client}`, the
/// number of a connection from 0. `{room:6}` fills up with zeros to six characters. All other braces
/// stand for themselves.
struct Template: Hashable, Sendable {
    private let parts: [Part]

    private enum Part: Hashable, Sendable {
        case literal(String)
        case room(width: Int)
        case client(width: Int)
    }

    private static let widthMax = 20

    init(_ text: String) {
        var parts: [Part] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
            rest = rest[open...]
            if let close = rest.firstIndex(of: "}"), let part = Self.part(rest[...close]) {
                parts.append(part)
                rest = rest[rest.index(after: close)...]
            } else {
                parts.append(.literal("{"))
                rest = rest.dropFirst()
            }
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        self.parts = parts
    }

    /// The text for one room and one connection.
    func text(room: String, client: Int) -> String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .room(let width): Self.filled(room, to: width)
            case .client(let width): Self.filled(String(client), to: width)
            }
        }.joined()
    }

    /// Whether the text differs from room to room.
    var namesRoom: Bool {
        parts.contains { part in
            if case .room = part { true } else { false }
        }
    }

    private static func part(_ text: Substring) -> Part? {
        let words = text.dropFirst().dropLast().split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var width = 0
        if words.count == 2 {
            guard let number = Int(words[1]), (1...widthMax).contains(number) else { return nil }
            width = number
        }
        switch words.first {
        case "room": return .room(width: width)
        case "client": return .client(width: width)
        case _: return nil
        }
    }

    private static func filled(_ text: String, to width: Int) -> String {
        String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
