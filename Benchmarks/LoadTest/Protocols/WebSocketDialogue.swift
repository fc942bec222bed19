import Transport

/// A bare WebSocket: each message is a body, and where to listen or publish is in the URL.
final class WebSocketDialogue: Dialogue {
    private let task: DialogueTask
    private var session = WebSocketSession()
    private var sender = WebSocketSender()

    init(_ task: DialogueTask) {
        self.task = task
        session.countedBytesMin = task.countedBytesMin
    }

    var isLive: Bool { session.isOpen }

    var keepAlive: KeepAlive { .none }

    func begin(into output: inout [UInt8]) {
        session.begin(task, subprotocols: [], into: &output)
    }

    func receive(
        _ bytes: Span<UInt8>, replyingInto output: inout [UInt8],
        telling listener: any DialogueListener
    ) throws(ClientFailure) {
        try session.receive(bytes, replyingInto: &output, telling: listener) {
            (body, _) throws(ClientFailure) in
            listener.delivered(body, position: Span())
        }
    }

    func publish(_ message: OutgoingMessage, into output: inout [UInt8]) {
        sender.send(.text, message.body.span, into: &output)
    }

    func probe(into output: inout [UInt8]) {
        sender.send(.ping, Span(), into: &output)
    }

    func beat(into output: inout [UInt8]) {
        sender.send(.pong, Span(), into: &output)
    }
}
