/// How a peer broke HTTP/1.1, or went past a limit. The connection can't be used any further: where
/// the next message begins is no longer known.
public enum HTTPParseError: Error, Hashable, Sendable {
    /// A control character in a line: NUL, a CR without its LF, an LF without its CR, …
    case forbiddenByte
    /// The first line is not `method SP target SP version`, or comes after too many empty lines.
    case invalidRequestLine
    /// The target has a form or characters that RFC 9112 §3.2 doesn't know, percent-codes that
    /// decode to control characters or to no UTF-8, or dot segments.
    case invalidTarget
    case targetTooLong
    /// Well-formed, and not HTTP/1: HTTP/2's preface for one.
    case unsupportedVersion
    /// A header or trailer line is not `name ":" value`, the name directly before the colon.
    case invalidField
    /// A line starts with white space: obsolete folding (RFC 9112 §5.2), or a way to hide a field.
    case foldedField
    case tooManyFields
    /// The head or the trailers are larger than their limit.
    case fieldsTooLarge
    /// Not exactly one `Host` (a 1.0 request may have none), or not a host.
    case invalidHost
    /// Not a single plain number, or one that goes past 64 bits.
    case invalidContentLength
    /// `Transfer-Encoding` beside `Content-Length`, in HTTP/1.0, or without `chunked` as its last.
    case invalidTransferEncoding
    case unsupportedTransferCoding
    /// An `Expect` other than `100-continue`.
    case unsupportedExpectation
    case bodyTooLarge
    /// A chunk's size is not a number of at most 15 digits, its extensions are larger than their
    /// limit, or its data does not end where the size says.
    case invalidChunk
    /// Of responses only: the first line is not `version SP status SP reason`.
    case invalidStatusLine
    /// Of responses only: the connection ended before the message did.
    case truncated

    /// The status to answer a request with. What only responses have is a gateway's 502.
    public var status: HTTPStatus {
        switch self {
        case .forbiddenByte, .invalidRequestLine, .invalidTarget, .invalidField, .foldedField,
            .invalidHost, .invalidContentLength, .invalidTransferEncoding, .invalidChunk:
            .badRequest
        case .bodyTooLarge: .contentTooLarge
        case .targetTooLong: .uriTooLong
        case .unsupportedExpectation: .expectationFailed
        case .tooManyFields, .fieldsTooLarge: .headerFieldsTooLarge
        case .unsupportedTransferCoding: .notImplemented
        case .unsupportedVersion: .versionNotSupported
        case .invalidStatusLine, .truncated: .badGateway
        }
    }
}
