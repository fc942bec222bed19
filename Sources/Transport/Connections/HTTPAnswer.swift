/// What a request is answered with.
public enum HTTPAnswer: Sendable {
    /// A response that is whole in memory.
    case response(HTTPResponse)
    /// A response whose body is read while the client takes it.
    case source(HTTPSourcedResponse)
    /// Events, until the stream ends (WHATWG HTML, "Server-sent events").
    case events(EventStream)

    /// Those of the head, but for what the encoder and the kind of answer add.
    public var headers: HTTPHeaders {
        get {
            switch self {
            case .response(let response): response.headers
            case .source(let response): response.headers
            case .events(let stream): stream.headers
            }
        }
        set {
            switch self {
            case .response(var response):
                response.headers = newValue
                self = .response(response)
            case .source(var response):
                response.headers = newValue
                self = .source(response)
            case .events(var stream):
                stream.headers = newValue
                self = .events(stream)
            }
        }
    }
}

/// A response with a body of known length that is not in memory.
public struct HTTPSourcedResponse: Sendable {
    public var status: HTTPStatus
    public var headers: HTTPHeaders
    public var body: any HTTPBodySource

    public init(status: HTTPStatus, headers: HTTPHeaders, body: any HTTPBodySource) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Where the body of a response comes from, piece by piece. The connection lets go of it once it
/// reads no more, be that at the end or before.
public protocol HTTPBodySource: Sendable {
    /// How long the whole is.
    var byteCount: Int { get }

    /// The bytes that follow those before, not more than some 100 KiB, off the loops. Asked for again
    /// once the client has taken nearly all. Empty where they can't be had: the response is cut off.
    @concurrent func next() async -> [UInt8]
}
