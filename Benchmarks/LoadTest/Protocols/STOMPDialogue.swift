import Transport

/// STOMP in WebSocket messages.
///
/// A MESSAGE that has a WebSocket message to itself, as servers send it, is read in place; all else
/// goes through the parser.
final class STOMPDialogue: Dialogue {
    private let task: DialogueTask
    private var session = WebSocketSession()
    private var sender = WebSocketSender()
    private var parser = STOMPParser(limits: STOMPLimits(bodyBytesMax: bodyBytesMax))
    /// Whether the parser waits for the rest of a frame.
    private var isWithinFrame = false
    private var stage = Stage.upgrading
    private(set) var keepAlive = KeepAlive.none

    private enum Stage {
        case upgrading
        /// CONNECT was sent.
        case authenticating
        /// SUBSCRIBE was sent.
        case subscribing
        case live
    }

    private static let bodyBytesMax = 1 << 20
    /// The id of every client's one subscription: the same one, as most clients in the field do, so
    /// that a server can send the same bytes to all.
    private static let subscription = "sub-0"
    /// The receipt that says that the subscription is live; those of messages are numbers.
    private static let subscribeReceipt = "subscribed"
    /// Sparse, so that the beats don't count beside the traffic.
    private static let heartBeat = HeartBeat(sendMs: 30_000, expectMs: 30_000)

    init(_ task: DialogueTask) {
        self.task = task
    }

    var isLive: Bool {
        if case .live = stage { true } else { false }
    }

    func begin(into output: inout [UInt8]) {
        session.begin(
            task, subprotocols: [STOMPVersion.v12.subprotocol, STOMPVersion.v11.subprotocol],
            into: &output)
    }

    func receive(
        _ bytes: Span<UInt8>, replyingInto output: inout [UInt8],
        telling listener: any DialogueListener
    ) throws(ClientFailure) {
        try session.receive(bytes, replyingInto: &output, telling: listener) {
            (payload, output) throws(ClientFailure) in
            try take(payload, &output, listener)
        }
        if case .upgrading = stage, session.isOpen {
            stage = .authenticating
            send(
                STOMPFrame.connect(task, accepting: [.v12, .v11], heartBeat: Self.heartBeat),
                into: &output)
        }
        if isLive { session.countedBytesMin = task.countedBytesMin }
    }

    // MARK: Receiving

    private func take(
        _ payload: Span<UInt8>, _ output: inout [UInt8], _ listener: any DialogueListener
    ) throws(ClientFailure) {
        if !isWithinFrame, let message = STOMPMessage(alone: payload) {
            return listener.delivered(
                payload.extracting(message.body), position: payload.extracting(message.position))
        }
        parser.append(payload)
        while let frame = try nextFrame() { try take(frame, &output, listener) }
        isWithinFrame = STOMPMessage.endsWithinFrame(payload, isWithinFrame)
    }

    /// The next frame; heart-beats have done their work by having arrived.
    private func nextFrame() throws(ClientFailure) -> STOMPFrame? {
        do throws(STOMPError) {
            while let event = try parser.next() {
                if case .frame(let frame) = event { return frame }
            }
            return nil
        } catch {
            throw .brokenProtocol(error.reason)
        }
    }

    private func take(
        _ frame: STOMPFrame, _ output: inout [UInt8], _ listener: any DialogueListener
    ) throws(ClientFailure) {
        switch (frame.command, stage) {
        case (.message, .subscribing), (.message, .live):
            let position = frame.headers.bytes(of: "position") ?? []
            listener.delivered(frame.body.span, position: position.span)
        case (.receipt, .live):
            guard let id = frame.headers.bytes(of: "receipt-id"),
                let number = id.span.trailingNumber
            else { throw .brokenProtocol("a RECEIPT for nothing") }
            let position = frame.headers.bytes(of: "position") ?? []
            listener.acknowledged(number, position: position.span)
        case (.connected, .authenticating):
            connected(frame.headers, &output)
        case (.receipt, .subscribing):
            stage = .live
            if let answer = frame.headers.value(of: "resume") { listener.resumed(answer) }
        case (.error, _):
            throw .refused(frame.headers.value(of: "message") ?? "no reason given")
        case (let command, _):
            throw .brokenProtocol("\(command.text) was not expected")
        }
    }

    // MARK: Opening

    private func connected(_ headers: STOMPHeaders, _ output: inout [UInt8]) {
        parser.version = STOMPVersion.negotiate(acceptVersion: headers.value(of: "version"))
        let theirs = headers.value(of: "heart-beat").flatMap { HeartBeat($0) } ?? .none
        keepAlive = KeepAlive(Self.heartBeat.negotiated(with: theirs))
        guard let destination = task.subscription else {
            stage = .live
            return
        }
        stage = .subscribing
        var subscribe = [
            (name: "id", value: Self.subscription), (name: "destination", value: destination),
            (name: "ack", value: "auto"), (name: "receipt", value: Self.subscribeReceipt),
        ]
        if let position = task.resumeAfter {
            // It is given back as it stood on the wire, and will be escaped again.
            subscribe.append((name: "position", value: position.replacing("\\c", with: ":")))
        }
        send(STOMPFrame(.subscribe, subscribe), into: &output)
    }

    // MARK: Sending

    func publish(_ message: OutgoingMessage, into output: inout [UInt8]) {
        send(STOMPFrame.send(message), into: &output)
    }

    func probe(into output: inout [UInt8]) {
        sender.send(.ping, Span(), into: &output)
    }

    func beat(into output: inout [UInt8]) {
        sender.send(.text, [STOMPEncoder.heartBeat].span, into: &output)
    }

    private func send(_ frame: STOMPFrame, into output: inout [UInt8]) {
        var bytes: [UInt8] = []
        STOMPEncoder.encode(frame, version: parser.version ?? .v12, into: &bytes)
        sender.send(.text, bytes.span, into: &output)
    }
}
