import Transport

/// Whoever a client loop tells what its clients see. Called on the loop's thread.
protocol ClientObserver: AnyObject {
    /// The client is connected, and subscribed where it wants to be.
    func opened(_ connection: ClientConnection)

    /// A MESSAGE, or a RECEIPT that the observer asked for.
    func received(_ frame: STOMPFrame, on connection: ClientConnection, atUs nowUs: Int64)

    /// A whole message, where no STOMP is spoken.
    func received(_ message: [UInt8], on connection: ClientConnection, atUs nowUs: Int64)

    /// The client is gone; it may be opened again.
    func closed(_ connection: ClientConnection, why: ClientFailure)
}

extension ClientObserver {
    func opened(_ connection: ClientConnection) {}

    func received(_ frame: STOMPFrame, on connection: ClientConnection, atUs nowUs: Int64) {
        preconditionFailure("this observer's clients speak no STOMP")
    }

    func received(_ message: [UInt8], on connection: ClientConnection, atUs nowUs: Int64) {
        preconditionFailure("this observer's clients speak STOMP")
    }
}
