/// Answers HTTP requests.
public protocol HTTPResponder: Sendable {
    /// Runs off the event loops.
    @concurrent func respond(to request: HTTPRequest) async -> HTTPAnswer

    /// Who decides about the request's body before it is read; nil: it is collected in memory and comes
    /// with the request. Must return at once.
    func reception(of head: HTTPRequestHead) -> (any HTTPReception)?

    /// The answer to a request that the connection itself refuses. Must return at once.
    func refusal(_ status: HTTPStatus) -> HTTPResponse
}

extension HTTPResponder {
    /// All bodies are collected.
    public func reception(of head: HTTPRequestHead) -> (any HTTPReception)? { nil }

    /// A line of text.
    public func refusal(_ status: HTTPStatus) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["content-type": "text/plain"], body: Array("\(status)\n".utf8)
        )
    }
}

/// A whole request.
public struct HTTPRequest: Sendable {
    public let head: HTTPRequestHead
    public let body: [UInt8]
    /// The peer's address as the kernel saw it.
    public let peerHost: String

    public init(head: HTTPRequestHead, body: [UInt8], peerHost: String) {
        self.head = head
        self.body = body
        self.peerHost = peerHost
    }
}
