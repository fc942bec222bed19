/// How long a stream remembers. Whatever falls outside may be trimmed at any time.
public struct Retention: Hashable, Sendable {
    /// The newest publications that are kept; 0 keeps nothing: the stream only passes through, and
    /// its epoch ends with the process.
    public let countMax: Int
    /// Milliseconds after which a publication may be forgotten; nil: never by age.
    public let ageMaxMs: Int64?

    public init(countMax: Int, ageMaxMs: Int64? = nil) {
        self.countMax = countMax
        self.ageMaxMs = ageMaxMs
    }

    public static let nothing = Retention(countMax: 0)
}

/// Where an append ended up.
public struct Appended: Hashable, Sendable {
    public let position: Position
    /// True when the idempotency key had been seen: `position` is then the first one's, and nothing
    /// was stored or announced now.
    public let isDuplicate: Bool

    public init(position: Position, isDuplicate: Bool) {
        self.position = position
        self.isDuplicate = isDuplicate
    }
}

/// A range of a stream, and what the stream was when it was read. All of it is one snapshot.
public struct StreamPage: Sendable {
    public let epoch: Epoch
    /// Ascending, consecutive, at most the limit asked for.
    public let publications: [Publication]
    /// The oldest offset that is still kept; top + 1 where nothing is.
    public let floor: UInt64
    /// The newest offset; 0 for a stream nobody has written to.
    public let top: UInt64

    public init(epoch: Epoch, publications: [Publication], floor: UInt64, top: UInt64) {
        self.epoch = epoch
        self.publications = publications
        self.floor = floor
        self.top = top
    }
}

/// Where a stream stands, without what led there.
public struct StreamTop: Sendable {
    public let epoch: Epoch
    /// The newest offset; 0 for a stream nobody has written to.
    public let top: UInt64
    /// The oldest offset that is still kept; top + 1 where nothing is.
    public let floor: UInt64
    /// The publication at the top; nil where it isn't kept.
    public let newest: Publication?

    public init(epoch: Epoch, top: UInt64, floor: UInt64, newest: Publication?) {
        self.epoch = epoch
        self.top = top
        self.floor = floor
        self.newest = newest
    }
}

/// How much a read may bring.
public struct PageLimit: Hashable, Sendable {
    public let countMax: Int
    /// Of bodies together. The first publication comes whatever its size.
    public let bytesMax: Int

    public init(countMax: Int, bytesMax: Int = .max) {
        self.countMax = countMax
        self.bytesMax = bytesMax
    }
}

/// Why the broker did not do what it was asked.
public enum BrokerError: Error, Hashable, Sendable {
    /// The log can't be reached or can't be written, with the reason for the operator's log. The
    /// publication may be tried again with the same idempotency key.
    case unavailable(String)
    /// More appends wait than the broker's bound allows; try again later.
    case overloaded
}

/// What a node hears of a stream it is attached to.
public protocol StreamListener: AnyObject, Sendable {
    /// Publications that are durable (or passed through, where nothing is kept), in stream order.
    ///
    /// Called on any thread, one call at a time per stream. Must return at once: it is on the path
    /// of every stream.
    func announced(_ publications: [Publication], epoch: Epoch)
}

/// The ordered logs that rooms are made of, and the node's ear to them.
///
/// - Order: concurrent appends to a stream get consecutive offsets, and every listener hears them in
///   that order, each once. Appends from one caller keep the caller's order.
/// - Durability: neither a listener nor an append's `reply` hears of a publication before a crash of
///   the process can no longer take it back (where the stream keeps anything).
/// - Idempotency: a (stream, sender, key) is stored once within 24 hours.
/// - Presence: a user is a member of a stream while at least one node says so. The first node's
///   word and the end of the last one's are announced on the stream itself, once each, in one order
///   with everything else there. A node that dies says nothing more within 10 s.
public protocol Broker: Sendable {
    /// Starts telling `listener` everything that is appended after the answer's `top`. One listener
    /// a stream: a second attach replaces the first. The page holds no publications.
    func attach(
        _ listener: any StreamListener, to stream: StreamName, keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage

    /// Stops telling. Announcements already under way may still arrive.
    func detach(_ stream: StreamName)

    /// Appends in the order of the calls, and calls `reply` exactly once, on any thread, after the
    /// announcement was made. `reply` must return at once.
    func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention,
        reply: @escaping @Sendable (Result<Appended, BrokerError>) -> Void)

    /// Reads publications with offsets above `after`, oldest first, as many as the limit allows.
    /// Where history no longer reaches back to `after + 1`, it starts at the floor.
    func read(
        _ stream: StreamName, after offset: UInt64, atMost limit: PageLimit,
        keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage

    /// Where each of the streams stands, in the order asked for, each as of one moment.
    func tops(
        of streams: [StreamName], keeping retention: Retention
    ) async throws(BrokerError) -> [StreamTop]

    /// Says that a member is in the room of `stream`, a passing-through one, through this node,
    /// until `leave` or the node's end. Saying it again changes at most the name.
    ///
    /// Never fails: where it can't be made true now, the broker remembers it and makes it true as
    /// soon as it can, also in a stream that has begun a new life. Calls from one thread take effect
    /// in their order; what has been taken back meanwhile may never show.
    func enter(_ member: Member, _ stream: StreamName)

    /// Takes back what `enter` said; nothing where it said nothing. Never fails either.
    func leave(_ user: UserID, _ stream: StreamName)

    /// Who is in the room of a passing-through stream, on any node.
    func attendance(of stream: StreamName) async throws(BrokerError) -> Attendance

    /// Whether announcements can get lost on their way to this node: then rooms compare what they
    /// have heard with `tops` every now and then.
    var losesAnnouncements: Bool { get }
}

extension Broker {
    /// Reads with a limit of the number alone.
    public func read(
        _ stream: StreamName, after offset: UInt64, limit: Int, keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        try await read(
            stream, after: offset, atMost: PageLimit(countMax: limit), keeping: retention)
    }
}
