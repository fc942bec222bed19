import Engine

/// A WebSocket on one connection: messages go to what is spoken inside, control frames are answered
/// here.
final class WebSocketConversation: Conversation {
    private var parser: WebSocketParser
    private let inside: Inside
    /// Whether a ping was sent since the peer was last heard.
    private var hasPinged = false
    private enum Inside {
        case stomp(STOMPConversation)
        /// Boxed, since it is larger than the other and rarely there.
        indirect case messages(MessageEndpoint)
    }

    init(
        _ endpoint: WebSocketEndpoint, upgrading head: HTTPRequestHead,
        deflate: PerMessageDeflate?, _ connection: Connection, on reactor: isolated Reactor
    ) {
        parser = WebSocketParser(
            role: .server, messageBytesMax: endpoint.messageBytesMax(reactor.limits),
            deflate: deflate)
        connection.framing =
            deflate.map { .webSocketDeflated(windowBits: UInt8($0.serverWindowBits)) } ?? .webSocket
        switch endpoint {
        case .stomp(let endpoint):
            inside = .stomp(
                STOMPConversation(
                    community: endpoint.community,
                    clientAddress: endpoint.clientAddress(head, connection.peerHost),
                    deadlineMs: reactor.nowMs + reactor.limits.handshakeMs))
        case .messages(let endpoint):
            inside = .messages(endpoint)
        }
    }

    func receive(_ bytes: Span<UInt8>, over connection: Connection, on reactor: isolated Reactor) {
        hasPinged = false
        let frameCount = parser.append(bytes)
        connection.readsLittle = Reactor.isCrumbs(frameCount, in: bytes.count)
        advance(connection, reactor)
    }

    /// Takes messages as long as what is inside keeps up with them and the turn lasts.
    private func advance(_ connection: Connection, _ reactor: isolated Reactor) {
        do throws(WebSocketError) {
            while case .open = connection.phase, isReady, reactor.turnCredit > 0,
                let event = try parser.next()
            {
                reactor.turnCredit -= event.turnCost
                take(event, connection, reactor)
            }
            if reactor.turnCredit <= 0, parser.hasEvents { reactor.yield(connection) }
        } catch {
            if case .stomp(let conversation) = inside, error == .messageTooBig {
                return conversation.fail(
                    Refusal(.tooLarge, "the WebSocket message is too large"), connection, reactor)
            }
            close(error.closeCode, connection, reactor)
        }
    }

    private var isReady: Bool {
        switch inside {
        case .stomp(let conversation): conversation.isReady
        case .messages: true
        }
    }

    private func take(
        _ event: WebSocketEvent, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        switch event {
        case .message(let isText, let payload):
            switch inside {
            case .stomp(let conversation):
                conversation.receive(payload.span, over: connection, on: reactor)
            case .messages(let endpoint):
                reactor.sendMessage(
                    endpoint.answer(payload, isText), as: isText ? .text : .binary,
                    to: connection)
            }
        case .ping(let payload):
            reactor.send(to: connection) {
                WebSocketEncoder.frame(.pong, payload: payload, into: &$0)
            }
        case .pong:
            break
        case .close(let code, _):
            close(code, connection, reactor)
        }
    }

    /// Says goodbye, or answers the peer's; a nil code is an answer to a frame without one.
    private func close(
        _ code: WebSocketCloseCode?, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        reactor.send(to: connection) { WebSocketEncoder.close(code, into: &$0) }
        // Nothing follows a close frame: the session leaves its rooms before the socket closes.
        closed(on: reactor)
        reactor.finish(connection)
    }

    func receiveEnd(over connection: Connection, on reactor: isolated Reactor) {
        reactor.close(connection)
    }

    // MARK: What concerns the session inside

    func tell(_ event: SessionEvent, over connection: Connection, on reactor: isolated Reactor) {
        if case .stomp(let conversation) = inside {
            conversation.tell(event, over: connection, on: reactor)
        }
        if case .readable = event { advance(connection, reactor) }
    }

    func drained(over connection: Connection, on reactor: isolated Reactor) {
        guard case .stomp(let conversation) = inside else { return }
        conversation.drained(over: connection, on: reactor)
    }

    func overflowed(over connection: Connection, on reactor: isolated Reactor) {
        switch inside {
        case .stomp(let conversation):
            conversation.overflowed(over: connection, on: reactor)
        case .messages:
            connection.outbox.drop()
            close(.tooSlow, connection, reactor)
        }
    }

    var heldBytes: Int {
        let unfinishedBytes = parser.unfinished?.heldBytes ?? 0
        return switch inside {
        case .stomp(let conversation): unfinishedBytes + conversation.heldBytes
        case .messages: unfinishedBytes
        }
    }

    func wake(over connection: Connection, on reactor: isolated Reactor) -> Int64 {
        // While we don't read, we can't hear.
        let lastReceivedMs =
            connection.isReadPaused
            ? reactor.nowMs : reactor.slots[Int(connection.endpoint.slot)].lastReceivedMs
        let silentMs = reactor.nowMs - lastReceivedMs
        let idleMs = reactor.limits.idleMs
        guard silentMs < idleMs else {
            reactor.close(connection)
            return .max
        }
        if silentMs >= idleMs / 2, !hasPinged {
            hasPinged = true
            reactor.send(to: connection) { WebSocketEncoder.frame(.ping, payload: [], into: &$0) }
        }
        let ownMs = lastReceivedMs + (hasPinged ? idleMs : idleMs / 2)
        switch inside {
        case .stomp(let conversation):
            return min(ownMs, conversation.wake(over: connection, on: reactor))
        case .messages:
            return ownMs
        }
    }

    func verifyAnew(over connection: Connection, on reactor: isolated Reactor) {
        guard case .stomp(let conversation) = inside else { return }
        conversation.verifyAnew(over: connection, on: reactor)
    }

    func goAway(
        reconnectAfterMs: Int64, over connection: Connection, on reactor: isolated Reactor
    ) {
        switch inside {
        case .stomp(let conversation):
            conversation.goAway(
                reconnectAfterMs: reconnectAfterMs, over: connection, on: reactor)
        case .messages:
            close(.goingAway, connection, reactor)
        }
    }

    func cutOff(
        reconnectAfterMs: Int64, over connection: Connection, on reactor: isolated Reactor
    ) {
        switch inside {
        case .stomp(let conversation):
            conversation.cutOff(
                reconnectAfterMs: reconnectAfterMs, over: connection, on: reactor)
        case .messages:
            close(.goingAway, connection, reactor)
        }
    }

    func closed(on reactor: isolated Reactor) {
        if case .stomp(let conversation) = inside { conversation.closed(on: reactor) }
    }
}

extension WebSocketEvent {
    /// What taking it out of the parser costs, an inflated message above all; the frames in it
    /// count for themselves.
    fileprivate var turnCost: Int {
        switch self {
        case .message(_, let payload): 1 + payload.count / Reactor.bytesPerCredit
        case .ping, .pong, .close: 1
        }
    }
}
