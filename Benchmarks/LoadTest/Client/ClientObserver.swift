import Transport

/// Whoever a client loop tells what its clients hear. Called on the loop's thread. Spans are good
/// for the call alone, and a client is not to be published on from within it.
protocol ClientObserver: AnyObject {
    /// The client is signed in, and subscribed where it wants to be. It may be published on.
    func opened(_ connection: ClientConnection)

    /// A message came; `position` is what could be resumed after, empty where the server told none.
    func delivered(
        _ body: Span<UInt8>, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64)

    /// Messages came that the client only counts.
    func counted(_ deliveryCount: Int, on connection: ClientConnection, atUs nowUs: Int64)

    /// The receipt of a message came.
    func acknowledged(
        _ receipt: Int64, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64)

    /// The server refused a message and went on.
    func refused(_ reason: String, on connection: ClientConnection)

    /// The server said how a resumed subscription goes on.
    func resumed(_ answer: String, on connection: ClientConnection)

    /// A frame came on a connection whose dialogue leaves all of them to its observer.
    func heard(_ frame: STOMPFrame, on connection: ClientConnection, atUs nowUs: Int64)

    /// The client is gone; it may be opened again.
    func closed(_ connection: ClientConnection, why: ClientFailure)
}

extension ClientObserver {
    func opened(_ connection: ClientConnection) {}

    func counted(_ deliveryCount: Int, on connection: ClientConnection, atUs nowUs: Int64) {
        preconditionFailure("this observer's clients read what they get")
    }

    func acknowledged(
        _ receipt: Int64, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64
    ) {
        preconditionFailure("this observer asks for no receipts")
    }

    func heard(_ frame: STOMPFrame, on connection: ClientConnection, atUs nowUs: Int64) {
        preconditionFailure("this observer's clients speak by themselves")
    }

    func refused(_ reason: String, on connection: ClientConnection) {}

    func resumed(_ answer: String, on connection: ClientConnection) {}
}
