import Transport

/// How a client is to be opened.
struct ClientPlan {
    let dialogue: any Dialogue
    let address: SocketAddress
}
