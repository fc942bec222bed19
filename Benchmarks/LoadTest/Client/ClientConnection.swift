import Measure
import Transport

/// One client: a socket, the WebSocket on it, and the STOMP session inside.
///
/// Lives on the thread of its `ClientLoop`. Whatever goes wrong is thrown, and the loop closes it.
final class ClientConnection {
    /// Its place among the clients, from 0. A client that comes back has the same.
    let index: Int
    /// What the kernel reports it under.
    let tag: UInt64
    let socket: Socket
    private(set) var stage: Stage
    /// Pongs received.
    private(set) var pongCount = 0
    /// Bytes received, everything included.
    private(set) var receivedBytes = 0
    private let dialogue: Dialogue
    private let target: Target
    private let loop: EventLoop
    private var webSocket = WebSocketParser(
        role: .client, messageBytesMax: messageBytesMax, deflate: nil)
    private var stomp = STOMPParser(limits: STOMPLimits(bodyBytesMax: messageBytesMax))
    private var heartBeat = HeartBeat.Agreement(send: nil, expect: nil)
    private var lastSentUs: Int64 = 0
    private var lastReceivedUs: Int64
    private var outgoing: [UInt8] = []
    private var sentCount = 0
    private var interest = Interest.write

    enum Stage {
        case connecting
        case upgrading(WebSocketClientHandshake, HTTPResponseParser)
        /// CONNECT was sent.
        case authenticating
        /// SUBSCRIBE was sent.
        case subscribing
        case live
    }

    private static let messageBytesMax = 1 << 20
    /// Bytes that may wait for a server that doesn't read; beyond it, messages are not sent.
    private static let outgoingBytesMax = 4 << 20

    /// Starts to connect. `generation` tells the client from earlier ones with its index.
    init(
        index: Int, generation: UInt32, dialogue: Dialogue, target: Target, loop: EventLoop
    ) throws(SystemError) {
        self.index = index
        self.dialogue = dialogue
        self.target = target
        self.loop = loop
        tag = UInt64(generation) << 32 | UInt64(index)
        lastReceivedUs = MonotonicClock.nowUs()
        stage = .connecting
        socket = try Socket.connect(to: target.address)
        try loop.watch(socket.descriptor, for: interest, tag: tag)
    }

    var isLive: Bool {
        if case .live = stage { true } else { false }
    }

    // MARK: Receiving

    /// Takes what was read from the socket, and hands on what it means.
    func receive(
        _ bytes: Span<UInt8>, atUs nowUs: Int64, for observer: any ClientObserver
    ) throws(ClientFailure) {
        lastReceivedUs = nowUs
        receivedBytes += bytes.count
        switch stage {
        case .connecting:
            break
        case .upgrading(let handshake, var parser):
            parser.append(bytes)
            guard try upgrade(handshake, &parser) else {
                stage = .upgrading(handshake, parser)
                return
            }
            let rest = parser.takeRemainder()
            try takeMessages(rest.span, nowUs, observer)
        case .authenticating, .subscribing, .live:
            try takeMessages(bytes, nowUs, observer)
        }
    }

    private func takeMessages(
        _ bytes: Span<UInt8>, _ nowUs: Int64, _ observer: any ClientObserver
    ) throws(ClientFailure) {
        webSocket.append(bytes)
        while let event = try nextEvent() {
            switch event {
            case .message(_, let payload):
                switch dialogue {
                case .none:
                    observer.received(payload, on: self, atUs: nowUs)
                case .stomp:
                    stomp.append(payload.span)
                    while let frame = try nextFrame() { try take(frame, nowUs, observer) }
                }
            case .ping(let payload):
                try write(.pong, payload)
            case .pong:
                pongCount += 1
            case .close(let code, _):
                throw .closed(code)
            }
        }
    }

    private func nextEvent() throws(ClientFailure) -> WebSocketEvent? {
        do throws(WebSocketError) {
            return try webSocket.next()
        } catch {
            throw .brokenProtocol("\(error)")
        }
    }

    /// The next frame; heart-beats have done their work by having arrived.
    private func nextFrame() throws(ClientFailure) -> STOMPFrame? {
        do throws(STOMPError) {
            while let event = try stomp.next() {
                if case .frame(let frame) = event { return frame }
            }
            return nil
        } catch {
            throw .brokenProtocol(error.reason)
        }
    }

    private func take(
        _ frame: STOMPFrame, _ nowUs: Int64, _ observer: any ClientObserver
    ) throws(ClientFailure) {
        switch (frame.command, stage) {
        case (.message, .subscribing), (.message, .live), (.receipt, .live):
            observer.received(frame, on: self, atUs: nowUs)
        case (.connected, .authenticating):
            try connected(frame.headers)
        case (.receipt, .subscribing):
            stage = .live
        case (.error, _):
            throw .refused(frame.headers.value(of: "message") ?? "no reason given")
        case (let command, _):
            throw .brokenProtocol("\(command.text) was not expected")
        }
    }

    // MARK: Opening

    /// The socket can be written to: it is connected now, or has room for what waits.
    func becameWritable() throws(ClientFailure) {
        guard case .connecting = stage else { return try flush() }
        // Asking for the error clears it.
        let code = socket.pendingError
        guard code == 0 else { throw .system(SystemError("connect \(target.address)", code: code)) }
        var generator = SystemRandomNumberGenerator()
        let subprotocols: [String] =
            switch dialogue {
            case .none: []
            case .stomp: [STOMPVersion.v12.subprotocol, STOMPVersion.v11.subprotocol]
            }
        let handshake = WebSocketClientHandshake(
            subprotocols: subprotocols, offersDeflate: false, using: &generator)
        stage = .upgrading(handshake, HTTPResponseParser())
        outgoing += "GET \(target.path) HTTP/1.1\r\nHost: \(target.authority)\r\n".utf8
        for field in handshake.headers { outgoing += "\(field.name): \(field.value)\r\n".utf8 }
        outgoing += "\r\n".utf8
        try flush()
    }

    /// Whether the answer is there, and opened a WebSocket.
    private func upgrade(
        _ handshake: WebSocketClientHandshake, _ parser: inout HTTPResponseParser
    ) throws(ClientFailure) -> Bool {
        let event: HTTPResponseEvent?
        do throws(HTTPParseError) {
            event = try parser.next()
        } catch {
            throw .brokenProtocol("\(error)")
        }
        guard case .head(let head) = event else { return false }
        do throws(WebSocketClientHandshakeError) {
            _ = try handshake.accept(head)
        } catch {
            if case .refused(let status) = error { throw .notUpgraded(status.description) }
            throw .notUpgraded("\(error)")
        }
        if let frame = dialogue.connectFrame(authority: target.authority) {
            stage = .authenticating
            try send(frame)
        } else {
            stage = .live
        }
        return true
    }

    private func connected(_ headers: STOMPHeaders) throws(ClientFailure) {
        stomp.version = STOMPVersion.negotiate(acceptVersion: headers.value(of: "version"))
        let theirs = headers.value(of: "heart-beat").flatMap { HeartBeat($0) } ?? .none
        heartBeat = Dialogue.heartBeat.negotiated(with: theirs)
        if let frame = dialogue.subscribeFrame {
            stage = .subscribing
            try send(frame)
        } else {
            stage = .live
        }
    }

    // MARK: Sending

    /// Whether the server reads what it is sent.
    var isTakingMore: Bool { outgoing.count - sentCount < Self.outgoingBytesMax }

    /// Sends a frame as one message, now or as soon as the kernel takes it.
    func send(_ frame: STOMPFrame) throws(ClientFailure) {
        var bytes: [UInt8] = []
        STOMPEncoder.encode(frame, version: stomp.version ?? .v12, into: &bytes)
        try write(.text, bytes)
    }

    /// Asks for a pong.
    func ping() throws(ClientFailure) {
        try write(.ping, [])
    }

    /// Sends a heart-beat where it is time for one, and fails where the server owes one.
    func beat(atUs nowUs: Int64) throws(ClientFailure) {
        guard isLive else { return }
        if let silenceMax = heartBeat.silenceMax,
            nowUs - lastReceivedUs > silenceMax.microseconds
        {
            throw .timedOut("no heart-beat came")
        }
        // Twice as often as promised: the sweep that calls this is coarse.
        if let interval = heartBeat.send, nowUs - lastSentUs > interval.microseconds / 2 {
            try write(.text, [STOMPEncoder.heartBeat])
        }
    }

    private func write(_ opcode: WebSocketOpcode, _ payload: [UInt8]) throws(ClientFailure) {
        WebSocketEncoder.frame(
            opcode, payload: payload, maskKey: .random(in: .min ... .max), into: &outgoing)
        try flush()
    }

    private func flush() throws(ClientFailure) {
        while sentCount < outgoing.count {
            switch Socket.send(socket.descriptor, outgoing, from: sentCount) {
            case .bytes(let count):
                sentCount += count
            case .wouldBlock:
                return watch([.read, .write])
            case .end:
                throw .disconnected
            case .failed(let code):
                throw .system(SystemError("send", code: code))
            }
        }
        // A client that opens may be one of thousands that will never send again.
        outgoing.removeAll(keepingCapacity: outgoing.count < 4_096 && isLive)
        sentCount = 0
        lastSentUs = MonotonicClock.nowUs()
        watch(.read)
    }

    private func watch(_ interest: Interest) {
        guard interest != self.interest else { return }
        self.interest = interest
        loop.change(socket.descriptor, to: interest, tag: tag)
    }
}

extension Duration {
    /// Whole microseconds.
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
