import Engine

/// HTTP on one connection: requests one after the other, each answered off the loop, until the
/// connection closes or becomes a WebSocket.
final class HTTPConversation: Conversation {
    let responder: any HTTPResponder
    private let webSockets: [String: WebSocketEndpoint]
    let limits: ConnectionLimits
    var parser: HTTPRequestParser
    var state = State.waiting
    /// When the request that is being received must be whole, or the next one begun.
    var deadlineMs: Int64
    /// When the present request began: authority that it is answered by may have changed since.
    private(set) var authorityMark: UInt64 = 0

    enum State {
        /// For a request to begin, or for the rest of its head.
        case waiting
        case collecting(HTTPRequestHead, body: [UInt8])
        /// For the word whether the body is taken elsewhere than into memory (`HTTPReceiving.swift`);
        /// the peer is not read meanwhile.
        case admitting(HTTPRequestHead, Task<Void, Never>)
        /// The next piece of a body is for its receiver.
        case receiving(HTTPUpload)
        /// Its receiver deals with a piece of so many bytes; the peer is not read meanwhile.
        case handing(HTTPUpload, bytes: Int)
        /// For the community's answer; the peer is not read meanwhile.
        case answering(HTTPRequestHead, bodyBytes: Int, Task<Void, Never>)
        /// The body of an answer is read as the peer takes it (`HTTPSending.swift`).
        case sending(HTTPDownload)
        /// The last answer is on its way.
        case finished
    }

    init(
        responder: any HTTPResponder, webSockets: [String: WebSocketEndpoint],
        limits: ConnectionLimits, nowMs: Int64
    ) {
        self.responder = responder
        self.webSockets = webSockets
        self.limits = limits
        parser = HTTPRequestParser(limits: limits.http)
        deadlineMs = nowMs + limits.handshakeMs
    }

    func receive(_ bytes: Span<UInt8>, over connection: Connection, on reactor: isolated Reactor) {
        connection.isRearmDue = true
        // The time a request may take counts from its first byte; more bytes don't extend it.
        if parser.isIdle { deadlineMs = reactor.nowMs + limits.handshakeMs }
        parser.append(bytes)
        advance(connection, reactor)
    }

    func receiveEnd(over connection: Connection, on reactor: isolated Reactor) {
        switch state {
        case .admitting, .handing, .answering, .sending: break
        case .waiting, .collecting, .receiving, .finished: reactor.finish(connection)
        }
    }

    func advance(_ connection: Connection, _ reactor: isolated Reactor) {
        do throws(HTTPParseError) {
            while isReceiving, !connection.isCongested, let event = try parser.next() {
                take(event, connection, reactor)
            }
        } catch {
            answer(responder.refusal(error.status), to: nil, connection, reactor)
        }
        // After an upgrade, somebody else reads.
        guard connection.conversation === self, case .open = connection.phase else { return }
        // Requests that were sent ahead wait until the answers before them are taken.
        reactor.setReading(isReceiving && !connection.isCongested, of: connection)
    }

    func drained(over connection: Connection, on reactor: isolated Reactor) {
        if case .sending = state {
            readOn(connection, reactor)
        } else {
            advance(connection, reactor)
        }
        reactor.rearm(connection)
    }

    private var isReceiving: Bool {
        switch state {
        case .waiting, .collecting, .receiving: true
        case .admitting, .handing, .answering, .sending, .finished: false
        }
    }

    private func take(
        _ event: HTTPRequestEvent, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        switch (event, state) {
        case (.head(let head), .waiting):
            authorityMark = reactor.authorityChanges.mark
            if webSockets[head.path] == nil, let reception = responder.reception(of: head) {
                return admit(head, reception, connection, reactor)
            }
            state = .collecting(head, body: [])
            if head.expectsContinue {
                reactor.send(to: connection) { HTTPResponseEncoder.encodeContinue(into: &$0) }
            }
        case (.body(let piece), .collecting(let head, var body)):
            state = .waiting
            body.append(contentsOf: piece)
            state = .collecting(head, body: body)
        case (.end, .collecting(let head, let body)):
            if let endpoint = webSockets[head.path] {
                upgrade(head, to: endpoint, connection, reactor)
            } else {
                ask(
                    HTTPRequest(head: head, body: body, peerHost: connection.peerHost),
                    connection, reactor)
            }
        case (.body(let piece), .receiving(let upload)):
            hand(piece, to: upload, connection, reactor)
        case (.end, .receiving(let upload)):
            finish(upload, connection, reactor)
        case (.head, _), (.body, _), (.end, _):
            preconditionFailure("a request is its head, its body, its end")
        }
    }

    // MARK: Answering

    private func ask(
        _ request: HTTPRequest, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        let responder = responder
        let endpoint = connection.endpoint
        let task = Task {
            let answer = await responder.respond(to: request)
            guard let connection = reactor.connection(at: endpoint),
                let conversation = connection.conversation as? HTTPConversation
            else { return }
            conversation.answered(answer, connection, reactor)
        }
        state = .answering(request.head, bodyBytes: request.body.count, task)
    }

    func answered(
        _ answer: HTTPAnswer, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        guard case .answering(let head, _, _) = state else { return }
        self.answer(
            answer, to: head, isLast: isLast(head, connection, reactor), connection, reactor)
        reactor.countInput(of: connection)
        goOn(connection, reactor)
    }

    /// Takes what the peer has sent ahead, once its request is answered.
    func goOn(_ connection: Connection, _ reactor: isolated Reactor) {
        if case .waiting = state { advance(connection, reactor) }
        reactor.rearm(connection)
    }

    /// Whether the connection ends with the answer to a request that was read whole.
    func isLast(
        _ head: HTTPRequestHead, _ connection: Connection, _ reactor: isolated Reactor
    ) -> Bool {
        !head.keepsAlive || connection.hasPeerFinished || reactor.isStopping
    }

    /// Writes the answer, or begins to.
    func answer(
        _ answer: HTTPAnswer, to head: HTTPRequestHead, isLast: Bool, _ connection: Connection,
        _ reactor: isolated Reactor
    ) {
        switch answer {
        case .response(let response):
            write(response, to: head, isLast: isLast, connection, reactor)
        case .source(let response):
            begin(response, to: head, isLast: isLast, connection, reactor)
        case .events(let stream):
            begin(stream, to: head, connection, reactor)
        }
    }

    /// Writes a response with which the connection ends: to a request that could not be read, or not
    /// be waited for.
    func answer(
        _ response: HTTPResponse, to head: HTTPRequestHead?, _ connection: Connection,
        _ reactor: isolated Reactor
    ) {
        abandonUpload()
        write(response, to: head, isLast: true, connection, reactor)
    }

    private func write(
        _ response: HTTPResponse, to head: HTTPRequestHead?, isLast: Bool,
        _ connection: Connection, _ reactor: isolated Reactor
    ) {
        reactor.send(to: connection) {
            HTTPResponseEncoder.encode(
                response, answering: head?.method ?? .get, version: head?.version ?? .http11,
                keepAlive: !isLast, date: reactor.httpDate, into: &$0)
        }
        conclude(isLast: isLast, connection, reactor)
    }

    /// An answer is written.
    func conclude(isLast: Bool, _ connection: Connection, _ reactor: isolated Reactor) {
        if isLast {
            state = .finished
            reactor.finish(connection)
        } else {
            state = .waiting
            deadlineMs = reactor.nowMs + limits.idleMs
        }
    }

    // MARK: Becoming a WebSocket

    private func upgrade(
        _ head: HTTPRequestHead, to endpoint: WebSocketEndpoint, _ connection: Connection,
        _ reactor: isolated Reactor
    ) {
        func refuse(_ response: HTTPResponse) {
            let isLast = isLast(head, connection, reactor)
            write(response, to: head, isLast: isLast, connection, reactor)
        }
        let terms: WebSocketUpgrade
        do throws(WebSocketHandshakeError) {
            terms = try WebSocketHandshake.answer(
                head, subprotocols: endpoint.subprotocols, allowsDeflate: true)
        } catch {
            var response = responder.refusal(error.status)
            for field in error.headers { response.headers.set(field.name, field.value) }
            return refuse(response)
        }
        guard !reactor.isStopping else { return refuse(responder.refusal(.serviceUnavailable)) }
        guard endpoint.admits(head) else { return refuse(responder.refusal(.forbidden)) }
        var headers = terms.headers
        // The encoder of the interim response writes these two itself.
        headers.remove("Upgrade")
        headers.remove("Connection")
        reactor.send(to: connection) {
            HTTPResponseEncoder.encodeSwitchingProtocols(to: "websocket", headers, into: &$0)
        }
        state = .finished
        let remainder = parser.takeRemainder()
        let conversation = WebSocketConversation(
            endpoint, upgrading: head, deflate: terms.deflate, connection, on: reactor)
        connection.conversation = conversation
        reactor.setReading(true, of: connection)
        if !remainder.isEmpty {
            conversation.receive(remainder.span, over: connection, on: reactor)
        }
    }

    // MARK: Deadlines and the end

    func overflowed(over connection: Connection, on reactor: isolated Reactor) {
        // A response may be larger than what a live stream may owe: it is bounded by its maker, and
        // the next request waits for it.
    }

    func relieve(over connection: Connection, on reactor: isolated Reactor) {
        // Half a response is worth nothing; a request that could not be taken in is told so.
        guard connection.outbox.isEmpty, isReceiving else { return reactor.close(connection) }
        answer(responder.refusal(.serviceUnavailable), to: nil, connection, reactor)
    }

    var heldBytes: Int {
        switch state {
        case .waiting: parser.heldBytes
        case .collecting(_, let body): parser.heldBytes + body.capacity
        case .admitting, .receiving, .sending: parser.heldBytes
        case .handing(_, let bodyBytes), .answering(_, let bodyBytes, _):
            parser.heldBytes + bodyBytes
        case .finished: 0
        }
    }

    func wake(over connection: Connection, on reactor: isolated Reactor) -> Int64 {
        switch state {
        case .admitting, .handing, .answering, .finished:
            return .max
        case .receiving(let upload):
            let dueMs = upload.dueMs(
                lastReceivedMs: reactor.slots[Int(connection.endpoint.slot)].lastReceivedMs)
            guard reactor.nowMs >= dueMs else { return dueMs }
            answer(responder.refusal(.requestTimeout), to: upload.head, connection, reactor)
            return .max
        case .sending:
            guard !connection.outbox.isEmpty else { return .max }
            let lastSentMs = reactor.slots[Int(connection.endpoint.slot)].lastSentMs
            guard reactor.nowMs >= lastSentMs + limits.idleMs else {
                return lastSentMs + limits.idleMs
            }
            // Half a response is on its way to somebody who takes no more of it.
            reactor.close(connection)
            return .max
        case .waiting, .collecting:
            if !connection.outbox.isEmpty {
                // A large response is on its way: idleness counts from the last byte it took.
                let lastSentMs = reactor.slots[Int(connection.endpoint.slot)].lastSentMs
                deadlineMs = lastSentMs + limits.idleMs
            }
            guard reactor.nowMs >= deadlineMs else { return deadlineMs }
            if parser.isIdle {
                reactor.finish(connection)
            } else {
                answer(responder.refusal(.requestTimeout), to: nil, connection, reactor)
            }
            return .max
        }
    }

    func goAway(
        reconnectAfterMs: Int64, over connection: Connection, on reactor: isolated Reactor
    ) {
        switch state {
        case .waiting where parser.isIdle, .finished: reactor.finish(connection)
        // A request that has begun is answered yet; its answer says that it is the last.
        case .waiting, .collecting, .admitting, .receiving, .handing, .answering, .sending: break
        }
    }

    func cutOff(
        reconnectAfterMs: Int64, over connection: Connection, on reactor: isolated Reactor
    ) {
        reactor.finish(connection)
    }

    func closed(on reactor: isolated Reactor) {
        switch state {
        case .admitting(_, let task), .answering(_, _, let task): task.cancel()
        case .receiving: abandonUpload()
        // What runs finds the connection gone.
        case .waiting, .collecting, .handing, .sending, .finished: break
        }
        state = .finished
    }
}
