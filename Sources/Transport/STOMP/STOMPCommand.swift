/// What a frame asks or tells; the first line of every frame (STOMP 1.2, Augmented BNF).
///
/// The first eleven are sent by clients, the last four by servers.
public enum STOMPCommand: UInt8, Sendable, CaseIterable {
    case connect
    /// The other name of CONNECT since 1.1, which lets a server tell STOMP from HTTP's CONNECT.
    case stomp
    case send
    case subscribe
    case unsubscribe
    case ack
    /// Since 1.1.
    case nack
    case begin
    case commit
    case abort
    case disconnect
    case connected
    case message
    case receipt
    case error

    /// The longest command, UNSUBSCRIBE.
    static let bytesMax = 11

    /// The word on the wire, upper case.
    public var text: String {
        switch self {
        case .connect: "CONNECT"
        case .stomp: "STOMP"
        case .send: "SEND"
        case .subscribe: "SUBSCRIBE"
        case .unsubscribe: "UNSUBSCRIBE"
        case .ack: "ACK"
        case .nack: "NACK"
        case .begin: "BEGIN"
        case .commit: "COMMIT"
        case .abort: "ABORT"
        case .disconnect: "DISCONNECT"
        case .connected: "CONNECTED"
        case .message: "MESSAGE"
        case .receipt: "RECEIPT"
        case .error: "ERROR"
        }
    }

    /// Whether frames of this kind may carry a body: "Only the SEND, MESSAGE, and ERROR frames MAY
    /// have a body" (STOMP 1.2, STOMP Frames).
    public var mayHaveBody: Bool {
        switch self {
        case .send, .message, .error: true
        case .connect, .stomp, .subscribe, .unsubscribe, .ack, .nack, .begin, .commit, .abort,
            .disconnect, .connected, .receipt:
            false
        }
    }

    /// The command that a line spells; nil for any other word, lower case included.
    init?(line: Span<UInt8>) {
        guard let command = Self.candidate(line), STOMPBytes.equal(line, command.text.utf8.span)
        else { return nil }
        self = command
    }

    /// The one command that a line of this length and these letters could be.
    private static func candidate(_ line: Span<UInt8>) -> STOMPCommand? {
        switch line.count {
        case 3: .ack
        case 4: line[0] == UInt8(ascii: "S") ? .send : .nack
        case 5:
            switch line[0] {
            case UInt8(ascii: "S"): .stomp
            case UInt8(ascii: "B"): .begin
            case UInt8(ascii: "A"): .abort
            default: .error
            }
        case 6: .commit
        case 7:
            switch line[0] {
            case UInt8(ascii: "M"): .message
            case UInt8(ascii: "R"): .receipt
            default: .connect
            }
        case 9: line[0] == UInt8(ascii: "S") ? .subscribe : .connected
        case 10: .disconnect
        case 11: .unsubscribe
        default: nil
        }
    }
}
