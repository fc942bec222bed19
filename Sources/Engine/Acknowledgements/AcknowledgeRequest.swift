/// What a subscription's client says of the messages it was sent.
public enum AcknowledgementMode: Sendable, Hashable {
    /// Nothing: sent is dealt with (`ack:auto`).
    case automatic
    /// An ACK takes a message and all of the subscription's before it (`ack:client`).
    case cumulative
    /// An ACK takes one message (`ack:client-individual`).
    case individual
}

/// A client's word that it has dealt with a message, or that it has not.
public struct AcknowledgeRequest: Sendable {
    /// The id of the subscription that the message was sent for; nil where the protocol's version
    /// does not ask for one: then no other subscription may have been sent the same position.
    public let subscription: String?
    public let position: Position
    /// Whether the message was not dealt with, and is to come again with the next subscription.
    public let isNegative: Bool
    /// Answered once it is stored.
    public let receipt: String?
    /// Held back until this transaction is committed.
    public let transaction: String?

    public init(
        subscription: String?, position: Position, isNegative: Bool = false,
        receipt: String? = nil, transaction: String? = nil
    ) {
        self.subscription = subscription
        self.position = position
        self.isNegative = isNegative
        self.receipt = receipt
        self.transaction = transaction
    }
}

/// The same once it is known what it is about.
struct Acknowledgement: Sendable {
    /// The subscription's number.
    let subscription: UInt32
    let offset: UInt64
    let isNegative: Bool
    let receipt: String?
}
