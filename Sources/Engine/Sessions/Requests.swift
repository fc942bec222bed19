/// A client's wish to publish.
public struct PublishRequest: Sendable {
    public let destination: String
    /// The media type as sent; empty where none was.
    public let contentType: String
    public let body: [UInt8]
    public let idempotencyKey: IdempotencyKey?
    /// Answered once the publication is stored.
    public let receipt: String?
    /// Held back until this transaction is committed.
    public let transaction: String?

    public init(
        destination: String, contentType: String, body: [UInt8],
        idempotencyKey: IdempotencyKey? = nil,
        receipt: String? = nil, transaction: String? = nil
    ) {
        self.destination = destination
        self.contentType = contentType
        self.body = body
        self.idempotencyKey = idempotencyKey
        self.receipt = receipt
        self.transaction = transaction
    }
}

/// A client's wish to receive.
public struct SubscribeRequest: Sendable {
    /// The client's name for the subscription, unique in its session.
    public let id: String
    public let destination: String
    public let start: JoinStart
    /// What the client says of the messages it is sent.
    public let acknowledgement: AcknowledgementMode
    /// Whether to go on with what an earlier subscription of the same user, id and destination owes,
    /// where there was one; it is acknowledged then.
    public let isDurable: Bool
    /// Answered after the replay and before the first live message.
    public let receipt: String?

    public init(
        id: String, destination: String, start: JoinStart,
        acknowledgement: AcknowledgementMode = .automatic, isDurable: Bool = false,
        receipt: String?
    ) {
        precondition(
            !isDurable || acknowledgement != .automatic, "who goes on has acknowledged before")
        self.id = id
        self.destination = destination
        self.start = start
        self.acknowledgement = acknowledgement
        self.isDurable = isDurable
        self.receipt = receipt
    }

    /// Whether the client acknowledges messages.
    var isAcknowledged: Bool { acknowledgement != .automatic }
}
