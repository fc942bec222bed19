/// One frame, received or to be sent.
public struct STOMPFrame: Sendable {
    public var command: STOMPCommand
    public var headers: STOMPHeaders
    /// Without the NUL that ends it on the wire; it may hold NULs of its own.
    public var body: [UInt8]

    public init(_ command: STOMPCommand, headers: STOMPHeaders, body: [UInt8] = []) {
        self.command = command
        self.headers = headers
        self.body = body
    }

    /// A frame to be sent. Leave `content-length` to the encoder.
    public init(
        _ command: STOMPCommand, _ headers: [(name: String, value: String)], body: [UInt8] = []
    ) {
        self.init(command, headers: STOMPHeaders(headers), body: body)
    }

    /// What an ACK or NACK acknowledges: the `id` header in 1.2 (the value of the MESSAGE's `ack`
    /// header), `message-id` in the versions before. Nil where the frame lacks it.
    public var ackID: String? {
        switch headers.coding {
        case .v12: headers.value(of: "id")
        case .v10, .v11, .connecting: headers.value(of: "message-id")
        }
    }
}

/// What a parser makes of its input.
public enum STOMPEvent: Sendable {
    case frame(STOMPFrame)
    /// A line end between two frames. Clients may also write one after every frame, so it says no
    /// more than that the peer lives, as any other byte does (STOMP 1.2, Heart-beating).
    case heartBeat
}
