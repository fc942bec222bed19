/// How a peer broke RFC 6455 or RFC 7692. Each ends the connection with its close code.
public enum WebSocketError: Error, Hashable, Sendable, CaseIterable {
    /// A reserved bit is set that no negotiated extension defines for this frame (RFC 6455 §5.2).
    case reservedBits
    /// An opcode of 0x3...0x7 or 0xB...0xF.
    case reservedOpcode
    /// A client's frame without a mask (RFC 6455 §5.1).
    case unmaskedFrame
    /// A server's frame with a mask.
    case maskedFrame
    /// A control frame without FIN (RFC 6455 §5.5).
    case fragmentedControl
    /// A control frame of more than 125 bytes.
    case oversizedControl
    /// A length in more bytes than it needs.
    case overlongLength
    /// A length of 2^63 or more.
    case lengthOutOfRange
    /// A continuation frame while no message is open (RFC 6455 §5.4).
    case unexpectedContinuation
    /// A text or binary frame while a fragmented message is open.
    case interruptedMessage
    /// A message above the limit, as sent or as inflated.
    case messageTooBig
    /// A text message or the reason of a close frame that is not UTF-8 (RFC 6455 §8.1).
    case invalidUTF8
    /// A close frame with a payload of one byte (RFC 6455 §5.5.1).
    case truncatedCloseCode
    /// A close code that must not be sent (RFC 6455 §7.4).
    case invalidCloseCode
    /// A compressed message that is not DEFLATE, is cut short, or refers to an earlier message
    /// (RFC 7692 §7.2.2).
    case invalidDeflate

    /// What the close frame says that answers this error.
    public var closeCode: WebSocketCloseCode {
        switch self {
        case .reservedBits, .reservedOpcode, .unmaskedFrame, .maskedFrame, .fragmentedControl,
            .oversizedControl, .overlongLength, .lengthOutOfRange, .unexpectedContinuation,
            .interruptedMessage, .truncatedCloseCode, .invalidCloseCode:
            .protocolError
        case .messageTooBig: .messageTooBig
        case .invalidUTF8, .invalidDeflate: .invalidPayload
        }
    }
}
