/// Answers HTTP requests.
public protocol HTTPResponder: Sendable {
    /// Runs off the event loops.
    @concurrent func respond(to request: HTTPRequest) async -> HTTPAnswer

    /// The answer to a request that the connection itself refuses. Must return at once.
    func refusal(_ status: HTTPStatus) -> HTTPResponse
}

extension HTTPResponder {
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
