/// Which side of a connection a parser reads for. A server expects masked frames, a client
/// unmasked ones (RFC 6455 §5.1).
public enum WebSocketRole: Hashable, Sendable {
    case server
    case client
}
