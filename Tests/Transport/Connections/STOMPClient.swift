import Testing
import Transport

/// A STOMP client over a loopback connection that blocks its thread.
final class STOMPClient {
    enum Carrier: CaseIterable {
        case stream
        case webSocket
        case deflatedWebSocket
    }

    let socket: WireSocket
    let carrier: Carrier
    private(set) var version = STOMPVersion.v12
    private var webSocket: WebSocketParserBox?
    private var parser = STOMPParser()
    /// The code of the close frame that the server sent.
    private(set) var closeCode: WebSocketCloseCode?
    /// Pings that came; none is answered.
    private(set) var pingCount = 0

    private final class WebSocketParserBox {
        var parser: WebSocketParser

        init(_ deflate: PerMessageDeflate?) {
            parser = WebSocketParser(
                role: .client, messageBytesMax: 10_000_000, deflate: deflate)
        }
    }

    /// Connects the socket, and upgrades it where the carrier asks for that.
    init(
        _ server: TestServer, over carrier: Carrier = .stream, receiveBufferBytes: Int32? = nil
    ) throws {
        self.carrier = carrier
        let port = carrier == .stream ? server.stompPort : server.httpPort
        socket = try WireSocket(port: port, receiveBufferBytes: receiveBufferBytes)
        if carrier != .stream { try upgrade() }
    }

    private func upgrade() throws {
        var random = SystemRandomNumberGenerator()
        let handshake = WebSocketClientHandshake(
            subprotocols: ["v12.stomp"], offersDeflate: carrier == .deflatedWebSocket,
            using: &random)
        try socket.write(Self.upgradeRequest(handshake, path: "/stomp"))
        var responses = HTTPResponseParser()
        while true {
            // One byte at a time: what follows the head is not HTTP.
            let bytes = try socket.read(atMost: 1)
            try #require(!bytes.isEmpty, "the server ended the connection")
            responses.append(bytes.span)
            guard case .head(let head) = try responses.next() else { continue }
            webSocket = WebSocketParserBox(try handshake.accept(head).deflate)
            return
        }
    }

    /// The bytes of a request to become a WebSocket.
    static func upgradeRequest(_ handshake: WebSocketClientHandshake, path: String) -> [UInt8] {
        var text = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for field in handshake.headers { text += "\(field.name): \(field.value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    // MARK: Sending

    /// The bytes of a frame as this carrier has them.
    func bytes(
        _ command: STOMPCommand, _ headers: [(name: String, value: String)], body: [UInt8] = []
    ) -> [UInt8] {
        var frame: [UInt8] = []
        STOMPEncoder.encode(
            STOMPFrame(command, headers, body: body), version: version, into: &frame)
        return carrier == .stream ? frame : Self.message(frame)
    }

    /// The bytes of a client's WebSocket message.
    static func message(_ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        WebSocketEncoder.frame(.binary, payload: payload, maskKey: 0x1234_5678, into: &bytes)
        return bytes
    }

    /// Sends a frame.
    func send(
        _ command: STOMPCommand, _ headers: [(name: String, value: String)], body: [UInt8] = []
    ) throws {
        try socket.write(bytes(command, headers, body: body))
    }

    /// Signs in, and returns CONNECTED.
    @discardableResult
    func connect(
        _ version: STOMPVersion = .v12, user: Int = 1, heartBeat: String? = nil
    ) throws -> STOMPFrame {
        try send(.connect, Self.credentials(version, user: user, heartBeat: heartBeat))
        self.version = version
        let frame = try next()
        parser.version = version
        return try #require(
            frame?.command == .connected ? frame : nil, "\(frame?.line ?? "the end")")
    }

    /// The headers of a CONNECT that is let in.
    static func credentials(
        _ version: STOMPVersion, user: Int = 1, heartBeat: String? = nil
    ) -> [(name: String, value: String)] {
        [
            ("accept-version", version.text), ("host", "localhost"), ("login", "\(user)"),
            ("passcode", "word"),
        ] + (heartBeat.map { [("heart-beat", $0)] } ?? [])
    }

    /// Subscribes, and returns the receipt once everything replayed before it is in `replay`.
    @discardableResult
    func subscribe(
        _ id: String = "s", to destination: String, _ headers: [(name: String, value: String)] = []
    ) throws -> (receipt: STOMPFrame, replay: [STOMPFrame]) {
        try send(
            .subscribe,
            [("id", id), ("destination", destination), ("receipt", "r-\(id)")] + headers)
        var replay: [STOMPFrame] = []
        while true {
            let frame = try #require(try next(), "the connection ended")
            if frame.headers.value(of: "receipt-id") == "r-\(id)" { return (frame, replay) }
            replay.append(frame)
        }
    }

    /// Publishes a text, without a receipt unless one is named.
    func publish(_ text: String, to destination: String, receipt: String? = nil) throws {
        try send(
            .send, [("destination", destination)] + (receipt.map { [("receipt", $0)] } ?? []),
            body: Array(text.utf8))
    }

    /// Sends something that is answered at once, and returns what came before the answer.
    func roundTrip() throws -> [STOMPFrame] {
        try send(.begin, [("transaction", "round"), ("receipt", "round")])
        try send(.abort, [("transaction", "round")])
        var before: [STOMPFrame] = []
        while true {
            let frame = try #require(try next(), "the connection ended")
            if frame.headers.value(of: "receipt-id") == "round" { return before }
            before.append(frame)
        }
    }

    // MARK: Receiving

    /// The next frame; nil at the end of the connection, or when the server has said goodbye.
    func next() throws -> STOMPFrame? {
        while true {
            if case .frame(let frame)? = try nextEvent() { return frame }
            guard try receive() else { return nil }
        }
    }

    /// The next frame or heart-beat that has arrived already.
    private func nextEvent() throws -> STOMPEvent? {
        while let event = try parser.next() {
            if case .frame = event { return event }
        }
        return nil
    }

    /// Waits for more; false at the end.
    private func receive() throws -> Bool {
        if let webSocket, try takeMessage(webSocket) { return true }
        if closeCode != nil { return false }
        let bytes = try socket.read()
        if bytes.isEmpty { return false }
        if let webSocket {
            webSocket.parser.append(bytes.span)
        } else {
            parser.append(bytes.span)
        }
        return true
    }

    private func takeMessage(_ webSocket: WebSocketParserBox) throws -> Bool {
        while let event = try webSocket.parser.next() {
            switch event {
            case .message(_, let payload):
                parser.append(payload.span)
                return true
            case .close(let code, _): closeCode = code
            case .ping:
                pingCount += 1
                return true
            case .pong: break
            }
        }
        return false
    }

    /// Waits until the server has pinged; nothing else may come before.
    func waitForPing() throws {
        while pingCount == 0 { try #require(try receive(), "the connection ended") }
        #expect(try nextEvent() == nil)
    }

    /// Reads MESSAGE frames until so many have come.
    func messages(_ count: Int) throws -> [STOMPFrame] {
        var messages: [STOMPFrame] = []
        while messages.count < count {
            let frame = try #require(
                try next(), "the connection ended after \(messages.count) messages")
            try #require(frame.command == .message || frame.command == .receipt, "\(frame.line)")
            if frame.command == .message { messages.append(frame) }
        }
        return messages
    }

    /// Everything until the server ends the connection.
    func rest() throws -> [STOMPFrame] {
        var frames: [STOMPFrame] = []
        while let frame = try next() { frames.append(frame) }
        return frames
    }
}

extension STOMPFrame {
    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The offset of a MESSAGE's position.
    var offset: UInt64? {
        headers.value(of: "position").flatMap { $0.split(separator: ":").last }.flatMap {
            UInt64($0)
        }
    }

    /// The code of an ERROR.
    var code: String? { headers.value(of: "message") }

    /// The frame in words, for a failed expectation.
    var line: String {
        let headers = headers.pairs.map { "\($0.name):\($0.value)" }.joined(separator: " ")
        return "\(command.text) \(headers) \(text.prefix(100))"
    }
}
