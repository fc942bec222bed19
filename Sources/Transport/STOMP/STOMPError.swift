/// Why bytes are no STOMP, or more STOMP than we take. A connection doesn't recover from one: where
/// the next frame starts is no longer known.
public enum STOMPError: Error, Sendable, Hashable {
    /// The first line is none of the commands.
    case unknownCommand
    /// Neither a header nor the empty line that ends the head.
    case headerWithoutColon
    case emptyHeaderName
    /// A backslash that starts no escape sequence of the version (STOMP 1.2, Value Encoding).
    case badEscape
    /// A carriage return that isn't followed by a line feed.
    case strayCarriageReturn
    /// A NUL before the head's end: a frame that was cut off.
    case nulInHead
    case headNotUTF8
    /// `content-length` isn't a decimal number.
    case badContentLength
    /// No NUL after the body that `content-length` announced.
    case missingTerminator
    case bodyNotAllowed(STOMPCommand)
    case tooLarge(STOMPLimit)

    /// The stable code that the peer's ERROR frame carries in `message`.
    public var code: String {
        switch self {
        case .tooLarge: "too-large"
        case .unknownCommand, .headerWithoutColon, .emptyHeaderName, .badEscape,
            .strayCarriageReturn, .nulInHead, .headNotUTF8, .badContentLength, .missingTerminator,
            .bodyNotAllowed:
            "bad-frame"
        }
    }

    /// One sentence for the ERROR frame's body; it quotes nothing of what the peer sent.
    public var reason: String {
        switch self {
        case .unknownCommand: "The frame's first line is no STOMP command."
        case .headerWithoutColon: "A header line has no colon."
        case .emptyHeaderName: "A header has no name."
        case .badEscape: "A header holds a backslash that starts no known escape sequence."
        case .strayCarriageReturn: "A carriage return is not followed by a line feed."
        case .nulInHead: "The frame ends before the empty line that ends its headers."
        case .headNotUTF8: "The headers are not UTF-8."
        case .badContentLength: "The content-length is not a decimal number."
        case .missingTerminator: "No NUL follows the body of the announced content-length."
        case .bodyNotAllowed(let command): "A \(command.text) frame has no body."
        case .tooLarge(.headerCount): "The frame has too many headers."
        case .tooLarge(.headerBytes): "A header line is too long."
        case .tooLarge(.headBytes): "The frame's headers are too long."
        case .tooLarge(.bodyBytes): "The frame's body is too long."
        }
    }
}
