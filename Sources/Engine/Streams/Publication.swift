/// The number of an account; 0 is the server itself or another backend with the API key.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int64

    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    public static let server = UserID(0)

    public var description: String { String(rawValue) }
}

/// What somebody wants to put into a stream, before it has a place there.
public struct Draft: Sendable {
    public var sender: UserID
    /// The sender's name at the time of sending; it stays with the publication when the account's
    /// name changes.
    public var senderName: String
    /// A media type, or empty where the sender gave none.
    public var contentType: String
    public var body: [UInt8]
    /// Milliseconds since 1970 by the clock of the node that took the draft in.
    public var timestampMs: Int64
    /// At most 64 bytes; remembered per stream and sender for 24 hours. Nil: never a duplicate.
    public var idempotencyKey: String?

    public init(
        sender: UserID, senderName: String, contentType: String, body: [UInt8],
        timestampMs: Int64, idempotencyKey: String? = nil
    ) {
        self.sender = sender
        self.senderName = senderName
        self.contentType = contentType
        self.body = body
        self.timestampMs = timestampMs
        self.idempotencyKey = idempotencyKey
    }
}

/// A message in flight: a draft that has its place in a stream. Immutable and shared by reference,
/// since one publication goes to many members.
public final class Publication: Sendable {
    /// The place in the stream, from 1, consecutive.
    public let offset: UInt64
    public let sender: UserID
    public let senderName: String
    public let contentType: String
    public let body: [UInt8]
    /// Milliseconds since 1970.
    public let timestampMs: Int64

    public init(
        offset: UInt64, sender: UserID, senderName: String, contentType: String, body: [UInt8],
        timestampMs: Int64
    ) {
        self.offset = offset
        self.sender = sender
        self.senderName = senderName
        self.contentType = contentType
        self.body = body
        self.timestampMs = timestampMs
    }

    public convenience init(_ draft: Draft, offset: UInt64) {
        self.init(
            offset: offset, sender: draft.sender, senderName: draft.senderName,
            contentType: draft.contentType, body: draft.body, timestampMs: draft.timestampMs)
    }
}
