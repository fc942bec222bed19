import Transport

/// STOMP in WebSocket messages, all of whose frames are the listener's: it says CONNECT by itself,
/// and leaves what to ask for, and what to make of the answers, to whoever listens.
///
/// Live means that CONNECTED has come. An ERROR is told first, and ends the connection then.
final class FrameDialogue: Dialogue {
    private let task: DialogueTask
    private var session = WebSocketSession()
    private var sender = WebSocketSender()
    private var parser = STOMPParser(limits: STOMPLimits(bodyBytesMax: bodyBytesMax))
    private var stage = Stage.upgrading
    private(set) var keepAlive = KeepAlive.none

    private enum Stage {
        case upgrading
        /// CONNECT was sent.
        case authenticating
        case live
    }

    private static let bodyBytesMax = 1 << 20
    /// As often as the community's own client.
    private static let heartBeat = HeartBeat(sendMs: 10_000, expectMs: 10_000)

    init(_ task: DialogueTask) {
        self.task = task
    }

    var isLive: Bool {
        if case .live = stage { true } else { false }
    }

    func begin(into output: inout [UInt8]) {
        session.begin(task, subprotocols: [STOMPVersion.v12.subprotocol], into: &output)
    }

    func receive(
        _ bytes: Span<UInt8>, replyingInto output: inout [UInt8],
        telling listener: any DialogueListener
    ) throws(ClientFailure) {
        try session.receive(bytes, replyingInto: &output, telling: listener) {
            (payload, _) throws(ClientFailure) in
            parser.append(payload)
            while let frame = try nextFrame() { try take(frame, listener) }
        }
        if case .upgrading = stage, session.isOpen {
            stage = .authenticating
            send(
                STOMPFrame.connect(task, accepting: [.v12], heartBeat: Self.heartBeat),
                into: &output)
        }
    }

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
        _ frame: STOMPFrame, _ listener: any DialogueListener
    ) throws(ClientFailure) {
        switch (frame.command, stage) {
        case (.connected, .authenticating):
            parser.version = STOMPVersion.negotiate(
                acceptVersion: frame.headers.value(of: "version"))
            let theirs = frame.headers.value(of: "heart-beat").flatMap { HeartBeat($0) } ?? .none
            keepAlive = KeepAlive(Self.heartBeat.negotiated(with: theirs))
            stage = .live
        case (.error, _):
            listener.heard(frame)
            throw .refused(frame.headers.value(of: "message") ?? "no reason given")
        case (.message, .live), (.receipt, .live):
            listener.heard(frame)
        case (let command, _):
            throw .brokenProtocol("\(command.text) was not expected")
        }
    }

    // MARK: Sending

    /// Writes a frame; only while live.
    func send(_ frame: STOMPFrame, into output: inout [UInt8]) {
        var bytes: [UInt8] = []
        STOMPEncoder.encode(frame, version: parser.version ?? .v12, into: &bytes)
        sender.send(.text, bytes.span, into: &output)
    }

    func publish(_ message: OutgoingMessage, into output: inout [UInt8]) {
        send(STOMPFrame.send(message), into: &output)
    }

    func probe(into output: inout [UInt8]) {
        sender.send(.ping, Span(), into: &output)
    }

    func beat(into output: inout [UInt8]) {
        sender.send(.text, [STOMPEncoder.heartBeat].span, into: &output)
    }
}
