/// A connection that both sides agreed to make a WebSocket (RFC 6455 §4), and on what terms.
public struct WebSocketUpgrade: Hashable, Sendable {
    /// The headers of the response with status 101.
    public let headers: HTTPHeaders
    /// One of those the client offered, or nil: none.
    public let subprotocol: String?
    /// Nil where messages go uncompressed.
    public let deflate: PerMessageDeflate?
}
