import Transport

/// A connection that has not asked for a WebSocket yet.
final class Visitor {
    let socket: Socket
    private var parser = HTTPRequestParser()

    init(_ socket: Socket) {
        self.socket = socket
    }

    /// Reads on; true once the request came and was answered.
    func isUpgraded() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        guard case .bytes(let count) = Socket.receive(socket.descriptor, into: &buffer) else {
            return false
        }
        parser.append(buffer.span.extracting(first: count))
        do {
            guard case .head(let head) = try parser.next() else { return false }
            var headers = try WebSocketHandshake.answer(
                head, subprotocols: [], allowsDeflate: false
            ).headers
            headers.remove("Upgrade")
            headers.remove("Connection")
            var answer: [UInt8] = []
            HTTPResponseEncoder.encodeSwitchingProtocols(
                to: "websocket", headers, into: &answer)
            return Socket.send(socket.descriptor, answer) == .bytes(answer.count)
        } catch {
            // Not one of ours: it never becomes a member.
            return false
        }
    }
}
