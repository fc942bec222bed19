import Engine

/// The frames that a session's events are to its client.
struct SessionFrames {
    /// Numbers the messages of the session's error queue.
    private var errorCount: Int64 = 0

    /// Writes RECEIPT for what asked for one, and MESSAGE for what history brings.
    func write(_ event: SessionEvent, to connection: Connection, on reactor: isolated Reactor) {
        let version = connection.version
        switch event {
        case .receipt(let id):
            receipt(id, connection, reactor)
        case .disconnected(let id):
            if let id { receipt(id, connection, reactor) }
        case .published(let id, let appended):
            reactor.sendFrame(to: connection) {
                STOMPEncoder.receipt(id: .text(id), version: version, into: &$0) { writer in
                    writer.add("position", STOMPValue(appended.position))
                    if appended.isDuplicate { writer.add("duplicate", "true") }
                }
            }
        case .subscribed(let id, let position, let resume):
            reactor.sendFrame(to: connection) {
                STOMPEncoder.receipt(id: .text(id), version: version, into: &$0) { writer in
                    writer.add("position", STOMPValue(position))
                    writer.add("resume", .text(resume.rawValue))
                }
            }
        case .replay(let publications, let subscription):
            let template = STOMPMessageTemplate(connection.form(of: subscription))
            for publication in publications {
                reactor.sendFrame(to: connection, isText: publication.isText) {
                    template.write(publication, into: &$0)
                }
            }
        case .refused, .withdrawn, .readable:
            break
        }
    }

    private func receipt(_ id: String, _ connection: Connection, _ reactor: isolated Reactor) {
        let version = connection.version
        reactor.sendFrame(to: connection) {
            STOMPEncoder.receipt(id: .text(id), version: version, into: &$0)
        }
    }

    /// Writes a refusal that the session survives, as a MESSAGE of its error queue.
    mutating func report(
        _ refusal: Refusal, _ receipt: String?, to queue: SubscriptionWire,
        over connection: Connection, on reactor: isolated Reactor
    ) {
        report(refusal, to: queue, over: connection, on: reactor) { writer in
            if let receipt { writer.add("receipt-id", .text(receipt)) }
            if let retryAfterMs = refusal.retryAfterMs {
                writer.add("retry-after-ms", .number(retryAfterMs))
            }
        }
    }

    /// Writes that a subscription was ended, as a MESSAGE of the error queue.
    mutating func report(
        _ refusal: Refusal, withdrawing id: String, from destination: String,
        to queue: SubscriptionWire, over connection: Connection, on reactor: isolated Reactor
    ) {
        report(refusal, to: queue, over: connection, on: reactor) { writer in
            writer.add("subscription-id", .text(id))
            writer.add("subscription-destination", .text(destination))
        }
    }

    private mutating func report(
        _ refusal: Refusal, to queue: SubscriptionWire, over connection: Connection,
        on reactor: isolated Reactor, _ addHeaders: (inout STOMPHeaderWriter) -> Void
    ) {
        errorCount += 1
        let number = errorCount
        reactor.sendFrame(to: connection) {
            STOMPEncoder.message(
                subscription: .text(queue.id), messageID: .number(number),
                destination: .text(queue.destination), contentType: "text/plain",
                body: Array(refusal.detail.utf8), version: connection.version, into: &$0
            ) { writer in
                writer.add("code", .text(refusal.code.rawValue))
                addHeaders(&writer)
            }
        }
    }

    /// Writes the ERROR that ends a session. `version` is 1.0 where none was agreed on.
    func end(
        _ refusal: Refusal, _ receipt: String?, _ version: STOMPVersion,
        over connection: Connection, on reactor: isolated Reactor
    ) {
        reactor.sendFrame(to: connection) {
            STOMPEncoder.error(
                code: .text(refusal.code.rawValue), receiptID: receipt.map { .text($0) },
                detail: refusal.detail, version: version, into: &$0
            ) { writer in
                guard let delayMs = refusal.retryAfterMs else { return }
                let name = refusal.code == .goingAway ? "reconnect-after-ms" : "retry-after-ms"
                writer.add(name, .number(delayMs))
            }
        }
    }
}

extension WebSocketCloseCode {
    /// How a WebSocket closes after an ERROR with this code.
    init(_ code: RefusalCode) {
        self =
            switch code {
            case .badFrame: .protocolError
            case .badCredentials: .badCredentials
            case .tokenExpired, .revoked: .expired
            case .tooLarge: .messageTooBig
            case .tooSlow: .tooSlow
            case .tooFast, .storeUnavailable: .tryAgainLater
            case .goingAway: .goingAway
            case .internal: .internalError
            case .forbidden, .noSuchDestination: .normal
            }
    }
}
