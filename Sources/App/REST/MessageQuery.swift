import Engine

/// Which messages of a room are asked for: the newest, or those before or after one, which is named
/// by its position or its number.
enum MessageQuery {
    static let limit = Field<Int>.count("limit", 1...History.limitMax).or(50)
    private static let before = place("before")
    private static let after = place("after")

    static let fields: [any AnyField] = [before, after, limit]

    /// A message in the log.
    private enum Place {
        case position(Position)
        case offset(UInt64)
    }

    private static func place(_ name: String) -> Field<Place?> {
        Field<Place>(name, .text(), reason: "This is neither a position nor a number.") { input in
            guard let text = input.text else { return nil }
            return Position(text).map(Place.position) ?? UInt64(text).map(Place.offset)
        }.optional
    }

    /// The messages that a request asks for.
    static func range(_ request: APIRequest) throws(APIError) -> History.Range {
        switch (request[before], request[after]) {
        case (nil, nil): .newest
        case (.position(let position), nil): .until(position)
        case (.offset(let offset), nil): .before(offset)
        case (nil, .position(let position)): .since(position)
        case (nil, .offset(let offset)): .after(offset)
        case (_?, _?): throw .malformedQuery
        }
    }
}

/// What was said in a room, and the position that it is true for. Only its shape: the messages are
/// JSON already when they are read.
enum MessageList: Shaped {
    func encode(to encoder: any Encoder) throws {}

    static let shape = Schema.named(
        "MessageList",
        .object([
            .init("chatList", .list(of: ChatMessage.shape, countMax: History.limitMax)),
            .text("position"), .init("resume", .choice(["complete", "gap", "reset"])),
        ]))
}

extension ChatMessage {
    /// A message as members receive it.
    static let shape = Schema.named(
        "Message",
        .object([
            .id(), .id("roomId"), .id("senderId"), .text("sender"), .text("message"),
            .time("createdAt"),
        ]))
}
