import Transport

/// A connection that has not asked for a WebSocket yet.
final class Visitor {
    let socket: Socket
    private var parser = HTTPRequestParser()

    enum Outcome: Equatable {
        /// More of the request is to come.
        case unfinished
        /// The request came, and was answered.
        case upgraded(path: String)
        /// It is gone, or wants something else.
        case unwelcome
    }

    init(_ socket: Socket) {
        self.socket = socket
    }

    /// Reads on, and answers the request once it is there.
    func readRequest() -> Outcome {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        switch Socket.receive(socket.descriptor, into: &buffer) {
        case .bytes(let count): parser.append(buffer.span.extracting(first: count))
        case .wouldBlock: return .unfinished
        case .end, .failed: return .unwelcome
        }
        do {
            guard case .head(let head) = try parser.next() else { return .unfinished }
            var headers = try WebSocketHandshake.answer(
                head, subprotocols: [], allowsDeflate: false
            ).headers
            // The encoder writes these two itself.
            headers.remove("Upgrade")
            headers.remove("Connection")
            var answer: [UInt8] = []
            HTTPResponseEncoder.encodeSwitchingProtocols(to: "websocket", headers, into: &answer)
            let isSent = Socket.send(socket.descriptor, answer) == .bytes(answer.count)
            return isSent ? .upgraded(path: head.path) : .unwelcome
        } catch {
            return .unwelcome
        }
    }
}
