import Transport

/// What one client speaks with its server, without I/O: bytes in, events out, and bytes that say
/// what the client wants.
///
/// A connection calls `begin` once TCP is connected, gives `receive` whatever was read, cut
/// anywhere, and sends whatever a method appended to its output. Live means that what is published
/// from then on must be heard. A new protocol is a file with one of these, and a case in `Wire`.
protocol Dialogue: AnyObject {
    /// Whether the client is signed in and subscribed, as far as its task asks for it.
    var isLive: Bool { get }

    /// How often both ends must be heard.
    var keepAlive: KeepAlive { get }

    /// Says the first words on a new connection.
    func begin(into output: inout [UInt8])

    /// Takes what was read, tells the listener what it means, and answers where the protocol asks
    /// for an answer. After it has thrown, the connection is over.
    func receive(
        _ bytes: Span<UInt8>, replyingInto output: inout [UInt8],
        telling listener: any DialogueListener
    ) throws(ClientFailure)

    /// Publishes a message; only while live, and never from within a call of the listener.
    func publish(_ message: OutgoingMessage, into output: inout [UInt8])

    /// Asks the server for a sign of life, which the listener hears of as `answered`.
    func probe(into output: inout [UInt8])

    /// Says something for the sake of being heard.
    func beat(into output: inout [UInt8])

    /// What goes on, on a new connection, where the server has ended this one as it may; nil: its end
    /// is a failure.
    func successor() -> (any Dialogue)?
}

extension Dialogue {
    func successor() -> (any Dialogue)? { nil }
}

/// Whoever a dialogue tells what the server said. Spans are good for the call alone.
protocol DialogueListener: AnyObject {
    /// A message came. `position` is what the client could resume after, as the server wrote it;
    /// empty where it told none.
    func delivered(_ body: Span<UInt8>, position: Span<UInt8>)

    /// So many messages came, of which the client looks at the length only.
    func counted(_ deliveryCount: Int)

    /// The server has taken the message that was published with this receipt.
    func acknowledged(_ receipt: Int64, position: Span<UInt8>)

    /// The server has refused a message, and goes on.
    func refused(_ reason: String)

    /// The server said how the resumed subscription goes on: `complete`, `gap` or `reset`.
    func resumed(_ answer: String)

    /// The server answered a probe.
    func answered()

    /// A frame came that the dialogue leaves to whoever listens (`FrameDialogue`).
    func heard(_ frame: STOMPFrame)
}

/// A message to be published.
struct OutgoingMessage: Sendable {
    /// Where to, as the protocol names it: a destination, a subject, a topic, or an HTTP path.
    let destination: String
    let body: [UInt8]
    var contentType = "text/plain"
    /// Nil where no word of it is wanted, and in protocols that have none (`Wire.hasReceipts`).
    var receipt: Int64?
    var idempotencyKey: String?
}

/// How often the ends of a connection must be heard, in microseconds.
struct KeepAlive: Hashable, Sendable {
    /// The client must say something at least this often; nil: need not.
    var intervalUs: Int64?
    /// A server that is silent for longer is gone; nil: may be silent for ever.
    var silenceMaxUs: Int64?

    static let none = KeepAlive()
}

/// What one client is there for, and what it needs for that.
struct DialogueTask: Hashable, Sendable {
    /// What the server is called in requests: `127.0.0.1:8080`.
    var authority: String
    /// The URL's path, filled in for this client.
    var path: String
    var identity = Identity.nobody
    /// Headers of the HTTP request that opens the connection, beside the protocol's own.
    var httpHeaders: [Header] = []
    /// Headers of the protocol's own opening: those of STOMP's CONNECT.
    var connectHeaders: [Header] = []
    /// Where to listen; nil: it only publishes. What opens a stream by its path alone ignores it.
    var subscription: String?
    /// The position to resume after; nil: from now on.
    var resumeAfter: String?
    /// Messages are only counted: data frames of at least so many bytes. Nil: they are read.
    var countedBytesMin: Int?

    /// A name and a value.
    struct Header: Hashable, Sendable {
        let name: String
        let value: String
    }

    /// Who a client says it is.
    enum Identity: Hashable, Sendable {
        case nobody
        case login(String, passcode: String)
        case token(String)
    }
}
