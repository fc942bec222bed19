/// Decides about requests whose bodies go elsewhere than into memory.
public protocol HTTPReception: Sendable {
    /// Whether the body is taken, by the request's head: its body is empty yet, and the client may be
    /// waiting for `100 Continue`. Runs off the event loops.
    @concurrent func admit(_ request: HTTPRequest) async -> HTTPAdmission
}

/// What becomes of a body that has not been read.
public enum HTTPAdmission: Sendable {
    /// It goes to the receiver, unless it is longer than so many bytes (413).
    case take(any HTTPBodyReceiver, bytesMax: Int)
    /// The answer is given without it, and the connection ends.
    case refuse(HTTPAnswer)
}

/// Takes the body of one request, piece by piece, off the event loops. Its methods are called one at a
/// time, and while one runs the client is not read.
///
/// Exactly one of these ends it: `receive` gives an answer, `finish` is called, `abandon` is called.
public protocol HTTPBodyReceiver: AnyObject, Sendable {
    /// Takes the next bytes, up to 64 KiB. An answer is given at once, and the connection ends: the
    /// rest is not wanted.
    @concurrent func receive(_ bytes: [UInt8]) async -> HTTPAnswer?

    /// The body is whole: answers the request.
    @concurrent func finish() async -> HTTPAnswer

    /// The rest does not come: the client is gone, broke the protocol, sent too much or too slowly.
    /// Must return at once.
    func abandon()
}
