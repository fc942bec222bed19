@testable import Transport

@testable import LoadTest

/// Remembers what a dialogue tells, in order, as lines of text.
final class RecordedEvents: DialogueListener {
    private(set) var lines: [String] = []

    func delivered(_ body: Span<UInt8>, position: Span<UInt8>) {
        lines.append("delivered \(body.text) at \(position.text)")
    }

    func counted(_ deliveryCount: Int) {
        // How many come in one call depends on how the bytes are cut; how many come does not.
        for _ in 0..<deliveryCount { lines.append("counted") }
    }

    func acknowledged(_ receipt: Int64, position: Span<UInt8>) {
        lines.append("acknowledged \(receipt) at \(position.text)")
    }

    func refused(_ reason: String) {
        lines.append("refused \(reason)")
    }

    func resumed(_ answer: String) {
        lines.append("resumed \(answer)")
    }

    func answered() {
        lines.append("answered")
    }

    func heard(_ frame: STOMPFrame) {
        let headers = frame.headers.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        lines.append("heard \(frame.command.text) \(headers) \(frame.body.span.text)")
    }
}

/// A dialogue in a test: a server's words in, cut into pieces of any size; what was told and what
/// was answered out.
struct Rehearsal {
    let dialogue: any Dialogue
    let events = RecordedEvents()
    /// What the client has said since `takeOutput`.
    var output: [UInt8] = []
    /// The bytes of each piece; nil: they come whole.
    let pieceBytes: Int?

    /// How pieces are cut where a test tries them all.
    static let pieceSizes: [Int?] = [nil, 1, 2, 3, 7, 64]

    init(_ dialogue: any Dialogue, pieceBytes: Int? = nil) {
        self.dialogue = dialogue
        self.pieceBytes = pieceBytes
        dialogue.begin(into: &output)
    }

    /// Takes the client's words since the last call.
    mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    /// Lets the server say something.
    mutating func hear(_ bytes: [UInt8]) throws(ClientFailure) {
        let step = pieceBytes ?? max(1, bytes.count)
        for start in stride(from: 0, to: bytes.count, by: step) {
            let piece = Array(bytes[start..<min(bytes.count, start + step)])
            try dialogue.receive(piece.span, replyingInto: &output, telling: events)
        }
    }

    /// Lets the server say something.
    mutating func hear(_ text: String) throws(ClientFailure) {
        try hear(Array(text.utf8))
    }

    /// Lets the server say something in a WebSocket message.
    mutating func hear(frame text: String) throws(ClientFailure) {
        try hear(Self.frame(text, opcode: .text))
    }

    /// Lets the server open the WebSocket that the client asked for.
    mutating func acceptUpgrade() throws(ClientFailure) {
        let request = String(decoding: takeOutput(), as: UTF8.self)
        let key = request.split(separator: "Sec-WebSocket-Key: ").last?.prefix { $0 != "\r\n" }
        try hear(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: \(WebSocketHandshake.accept(key: String(key ?? "")))"
                + "\r\n\r\n")
    }

    /// A server's frame.
    static func frame(
        _ text: String, opcode: WebSocketOpcode, isFinal: Bool = true
    ) -> [UInt8] {
        var frame: [UInt8] = []
        WebSocketEncoder.frame(opcode, payload: Array(text.utf8), into: &frame)
        if !isFinal { frame[0] &= 0x7F }
        return frame
    }
}

extension [UInt8] {
    /// The payloads of a client's frames, joined.
    var unmasked: String {
        var parser = WebSocketParser(role: .server, messageBytesMax: 1 << 20, deflate: nil)
        parser.append(span)
        var text: [UInt8] = []
        while let event = try? parser.next() {
            switch event {
            case .message(_, let payload), .ping(let payload), .pong(let payload): text += payload
            case .close: break
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
