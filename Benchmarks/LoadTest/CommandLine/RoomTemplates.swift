/// Where members of a room send and subscribe, and what a message looks like there.
struct RoomTemplates: Hashable, Sendable {
    var send: Template
    var subscribe: Template
    /// `{text}` is the place of a message's text.
    var body = "{text}"
    var contentType = "text/plain"

    static let topics = RoomTemplates(
        send: Template("/topic/load.{room}"), subscribe: Template("/topic/load.{room}"))
    static let chatRooms = RoomTemplates(
        send: Template("/pub/chat/message/{room}"), subscribe: Template("/sub/chat/{room}"),
        body: #"{"message":"{text}"}"#, contentType: "application/json")

    /// One room; `name` is its number or id.
    func room(_ name: String) -> Room {
        let halves = body.split(separator: "{text}", maxSplits: 1, omittingEmptySubsequences: false)
            .map { Array(Template(String($0)).text(room: name, client: 0).utf8) }
        return Room(
            name: name, send: send.text(room: name, client: 0), contentType: contentType,
            bodyStart: halves[0], bodyEnd: halves.count > 1 ? halves[1] : [])
    }
}

/// One room: where messages go, and what stands around their texts.
struct Room: Hashable, Sendable {
    let name: String
    let send: String
    let contentType: String
    let bodyStart: [UInt8]
    let bodyEnd: [UInt8]

    /// A message with this text, which needs no escaping.
    func message(_ text: [UInt8], receipt: Int64?) -> OutgoingMessage {
        OutgoingMessage(
            destination: send, body: bodyStart.isEmpty ? text : bodyStart + text + bodyEnd,
            contentType: contentType, receipt: receipt)
    }
}
