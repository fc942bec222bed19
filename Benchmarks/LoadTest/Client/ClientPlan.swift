import Transport

/// How a client is to be opened.
struct ClientPlan {
    let dialogue: any Dialogue
    let address: SocketAddress
    /// Where the connection comes from; nil: the system chooses.
    var source: SocketAddress?
    /// The longest segment that the server may send; nil: as the system chooses.
    var segmentBytesMax: Int32?
}
