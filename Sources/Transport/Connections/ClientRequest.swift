import Engine

/// What a client's frame asks of its session.
enum ClientRequest: Sendable {
    case publish(PublishRequest)
    case subscribe(SubscribeRequest)
    case unsubscribe(id: String, receipt: String?)
    case acknowledge(AcknowledgeRequest)
    case begin(String, receipt: String?)
    case commit(String, receipt: String?)
    case abort(String, receipt: String?)
    case disconnect(receipt: String?)

    /// Reads a frame of a connected client. Destinations and media types are shared through
    /// `texts`, since many clients say the same ones again and again.
    init(_ frame: STOMPFrame, sharing texts: inout TextCache) throws(Refusal) {
        // A SEND's headers are read in one go.
        let receipt = frame.command == .send ? nil : frame.headers.value(of: "receipt")
        switch frame.command {
        case .send:
            self = .publish(try Self.publish(frame, sharing: &texts))
        case .subscribe:
            self = .subscribe(try Self.subscribe(frame.headers, receipt))
        case .unsubscribe:
            self = .unsubscribe(id: try Self.subscriptionID(frame.headers), receipt: receipt)
        case .ack, .nack:
            self = .acknowledge(try AcknowledgeRequest(frame, receipt: receipt))
        case .begin:
            self = .begin(try Self.required("transaction", frame.headers), receipt: receipt)
        case .commit:
            self = .commit(try Self.required("transaction", frame.headers), receipt: receipt)
        case .abort:
            self = .abort(try Self.required("transaction", frame.headers), receipt: receipt)
        case .disconnect:
            self = .disconnect(receipt: receipt)
        case .connect, .stomp:
            throw Refusal(.badFrame, "the session is connected already")
        case .connected, .message, .receipt, .error:
            throw Refusal(.badFrame, "\(frame.command.text) is for servers to send")
        }
    }

    /// Hands the request to the session.
    func perform(in session: isolated Session) {
        switch self {
        case .publish(let request): session.publish(request)
        case .subscribe(let request): session.subscribe(request)
        case .unsubscribe(let id, let receipt): session.unsubscribe(id, receipt: receipt)
        case .acknowledge(let request): session.acknowledge(request)
        case .begin(let name, let receipt): session.begin(name, receipt: receipt)
        case .commit(let name, let receipt): session.commit(name, receipt: receipt)
        case .abort(let name, let receipt): session.abort(name, receipt: receipt)
        case .disconnect(let receipt): session.disconnect(receipt: receipt)
        }
    }

    private static func publish(
        _ frame: STOMPFrame, sharing texts: inout TextCache
    ) throws(Refusal) -> PublishRequest {
        let headers = frame.headers
        let found = STOMPSendHeaders(headers)
        var key: IdempotencyKey?
        if let place = found.idempotencyKey {
            key = IdempotencyKey(headers.string(place))
            guard key != nil else {
                throw Refusal(.badFrame, "an idempotency-key has 1 to 64 bytes")
            }
        }
        guard let destination = found.destination, !destination.isEmpty else {
            throw missing("destination")
        }
        return PublishRequest(
            destination: headers.string(destination, sharing: &texts),
            contentType: found.contentType.map { headers.string($0, sharing: &texts) } ?? "",
            body: frame.body, idempotencyKey: key,
            receipt: found.receipt.map { headers.string($0) },
            transaction: found.transaction.map { headers.string($0) })
    }

    private static func subscribe(
        _ headers: STOMPHeaders, _ receipt: String?
    ) throws(Refusal) -> SubscribeRequest {
        let acknowledgement: AcknowledgementMode
        switch headers.value(of: "ack") {
        case nil, "auto": acknowledgement = .automatic
        case "client": acknowledgement = .cumulative
        case "client-individual": acknowledgement = .individual
        case _: throw Refusal(.badFrame, "ack is auto, client or client-individual")
        }
        let isDurable: Bool
        switch headers.value(of: "durable") {
        case nil, "false": isDurable = false
        case "true": isDurable = true
        case _: throw Refusal(.badFrame, "durable is true or false")
        }
        guard !isDurable || acknowledgement != .automatic else {
            throw Refusal(.badFrame, "durable goes with ack client or client-individual")
        }
        return SubscribeRequest(
            id: try subscriptionID(headers), destination: try required("destination", headers),
            start: try start(headers), acknowledgement: acknowledgement, isDurable: isDurable,
            receipt: receipt)
    }

    /// STOMP 1.0 lets a subscription go without an id; its destination names it then.
    private static func subscriptionID(_ headers: STOMPHeaders) throws(Refusal) -> String {
        if let id = headers.value(of: "id") { return id }
        return try required("destination", headers)
    }

    private static func start(_ headers: STOMPHeaders) throws(Refusal) -> JoinStart {
        switch (headers.value(of: "position"), headers.value(of: "history")) {
        case (nil, nil):
            return .live
        case (let text?, nil):
            guard let position = Position(text) else {
                throw Refusal(.badFrame, "position is epoch:offset")
            }
            return .after(position)
        case (nil, let text?):
            guard let count = Int(text), count >= 0 else {
                throw Refusal(.badFrame, "history is a number of messages")
            }
            return .last(count)
        case (_?, _?):
            throw Refusal(.badFrame, "a subscription begins at a position or with history")
        }
    }

    private static func required(
        _ name: String, _ headers: STOMPHeaders
    ) throws(Refusal) -> String {
        guard let value = headers.value(of: name), !value.isEmpty else {
            throw missing(name)
        }
        return value
    }

    private static func missing(_ name: String) -> Refusal {
        Refusal(.badFrame, "the header \(name) is missing")
    }
}

extension AcknowledgeRequest {
    /// Reads an ACK or NACK. 1.2 names the message by the `ack` header of its MESSAGE, 1.1 by the
    /// subscription's id and the `message-id`, 1.0 by that alone.
    init(_ frame: STOMPFrame, receipt: String?) throws(Refusal) {
        let headers = frame.headers
        let subscription: String?
        let position: Position
        switch headers.coding {
        case .v12:
            (subscription, position) = try Self.message(try Self.ackID(frame))
        case .v11:
            guard let id = headers.value(of: "subscription") else {
                throw Refusal(.badFrame, "the header subscription is missing")
            }
            subscription = id
            position = try Self.position(try Self.ackID(frame))
        case .v10, .connecting:
            subscription = headers.value(of: "subscription")
            position = try Self.position(try Self.ackID(frame))
        }
        self.init(
            subscription: subscription, position: position,
            isNegative: frame.command == .nack, receipt: receipt,
            transaction: headers.value(of: "transaction"))
    }

    private static func ackID(_ frame: STOMPFrame) throws(Refusal) -> String {
        guard let id = frame.ackID else {
            throw Refusal(.badFrame, "\(frame.command.text) says no message")
        }
        return id
    }

    /// What `{subscription id}:{position}` names. The id may hold colons, a position holds one.
    private static func message(_ id: String) throws(Refusal) -> (String, Position) {
        let parts = id.split(
            separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 3 else { throw unknown }
        let subscription = parts.dropLast(2).joined(separator: ":")
        return (subscription, try position(parts.suffix(2).joined(separator: ":")))
    }

    private static func position(_ text: String) throws(Refusal) -> Position {
        guard let position = Position(text) else { throw unknown }
        return position
    }

    private static let unknown = Refusal(.badFrame, "no message has this id")
}

extension Credentials {
    /// What CONNECT, or a renewal, shows: a token in `Authorization` or as `passcode` alone, or
    /// `login` with `passcode`. Nil where there is nothing.
    init?(_ headers: STOMPHeaders, address: String) {
        let authorization =
            headers.value(of: "Authorization") ?? headers.value(of: "authorization")
        if let authorization, let token = Self.bearerToken(authorization) {
            self.init(login: nil, secret: token, address: address)
            return
        }
        guard let passcode = headers.value(of: "passcode"), !passcode.isEmpty else { return nil }
        let login = headers.value(of: "login").flatMap { $0.isEmpty ? nil : $0 }
        self.init(login: login, secret: passcode, address: address)
    }

    /// The token of `Bearer <token>`, which old clients send URL-encoded; the scheme may be left
    /// out.
    private static func bearerToken(_ value: String) -> String? {
        // As bytes: a token is long, and a text's characters cost many times as much.
        let plain =
            value.utf8.contains(UInt8(ascii: "%")) ? PercentCoding.decode(value) ?? value : value
        let words = Array(plain.utf8).split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "+") }
            .map { String(decoding: $0, as: UTF8.self) }
        let namesScheme = words.first.map { HTTPGrammar.isEqual($0, ignoringCase: "bearer") }
        switch (words.count, namesScheme) {
        case (1, false): return words[0]
        case (2, true): return words[1]
        default: return nil
        }
    }
}
