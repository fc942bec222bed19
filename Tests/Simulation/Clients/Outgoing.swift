import Engine

/// What a client wants published, until it knows that it is stored.
struct Outgoing {
    let room: RoomSpec
    let body: [UInt8]
    /// Names the publication in receipts, and is its idempotency key where it has one.
    let name: String
    let hasKey: Bool
    /// Whether it is on its way over the present connection.
    var isSent = false
    /// The transaction that it is sent in.
    var transaction: String?

    /// The body of a publication: its name, and as many blanks as make it so large.
    static func body(_ name: String, paddingBytes: Int) -> [UInt8] {
        Array(name.utf8) + [UInt8](repeating: 0x20, count: paddingBytes + 1)
    }

    /// The name that a body begins with.
    static func name(in body: [UInt8]) -> ArraySlice<UInt8> {
        body.prefix { $0 != 0x20 }
    }

    /// What the client sends.
    var request: Request {
        .publish(
            PublishRequest(
                destination: room.destination, contentType: "text/plain", body: body,
                idempotencyKey: hasKey ? IdempotencyKey(name) : nil, receipt: name,
                transaction: transaction))
    }
}
