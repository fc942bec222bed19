/// What a request is answered with.
public enum HTTPAnswer: Sendable {
    /// A response that is whole in memory.
    case response(HTTPResponse)
}
