import Transport

/// Publishing by HTTP: a POST for each message, on a connection that stays. The answer is the
/// receipt; requests don't wait for the answers to those before them (RFC 9112 §9.3.2).
final class PostDialogue: Dialogue {
    private let task: DialogueTask
    private var parser = HTTPResponseParser()
    /// The receipts of the requests that wait for an answer, oldest first.
    private var waiting: [Int64?] = []
    private var waitingStart = 0
    /// Of the answer that is being received.
    private var status: HTTPStatus?
    private(set) var isLive = false

    init(_ task: DialogueTask) {
        self.task = task
        parser.method = .post
    }

    var keepAlive: KeepAlive { .none }

    func begin(into output: inout [UInt8]) {
        isLive = true
    }

    func publish(_ message: OutgoingMessage, into output: inout [UInt8]) {
        waiting.append(message.receipt)
        var headers = [DialogueTask.Header(name: "Content-Type", value: message.contentType)]
        if let key = message.idempotencyKey {
            headers.append(DialogueTask.Header(name: "Idempotency-Key", value: key))
        }
        HTTPRequest(
            method: "POST", path: message.destination,
            headers: headers + task.identity.httpHeaders + task.httpHeaders, body: message.body
        ).encode(authority: task.authority, into: &output)
    }

    func receive(
        _ bytes: Span<UInt8>, replyingInto output: inout [UInt8],
        telling listener: any DialogueListener
    ) throws(ClientFailure) {
        parser.append(bytes)
        while let event = try nextEvent() {
            switch event {
            case .head(let head): status = head.status
            case .body: break
            case .end:
                guard let status, !status.isInterim else { continue }
                try finish(status, listener)
            }
        }
    }

    private func nextEvent() throws(ClientFailure) -> HTTPResponseEvent? {
        do throws(HTTPParseError) {
            return try parser.next()
        } catch {
            throw .brokenProtocol("\(error)")
        }
    }

    /// Takes the answer to the oldest request.
    private func finish(
        _ status: HTTPStatus, _ listener: any DialogueListener
    ) throws(ClientFailure) {
        guard waitingStart < waiting.count else {
            throw .brokenProtocol("an answer to no question")
        }
        let receipt = waiting[waitingStart]
        waitingStart += 1
        if waitingStart == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            waitingStart = 0
        }
        if !(200...299).contains(status.code) {
            listener.refused("POST: \(status)")
        } else if let receipt {
            listener.acknowledged(receipt, position: Span())
        }
    }

    func probe(into output: inout [UInt8]) {
        preconditionFailure("only subscribers are probed")
    }

    func beat(into output: inout [UInt8]) {
        preconditionFailure("no beats were agreed on")
    }
}

extension DialogueTask.Identity {
    /// How HTTP says it.
    var httpHeaders: [DialogueTask.Header] {
        switch self {
        case .nobody: []
        case .login(let name, let passcode):
            [
                DialogueTask.Header(
                    name: "Authorization",
                    value: "Basic " + Base64.encode(Array("\(name):\(passcode)".utf8)))
            ]
        case .token(let token):
            [DialogueTask.Header(name: "Authorization", value: "Bearer " + token)]
        }
    }
}
