import Transport

/// Publishing by HTTP: a POST for each message, on a connection that stays for as long as the server
/// lets it. The answer is the receipt; the next request waits for it, so that messages keep their
/// order and none is in doubt when the server ends the connection.
final class PostDialogue: Dialogue {
    private let task: DialogueTask
    private var parser = HTTPResponseParser()
    /// Messages that wait for their turn, from `queueStart` on.
    private var queue: [OutgoingMessage] = []
    private var queueStart = 0
    private var stage = Stage.unconnected
    /// Of the answer that is being received.
    private var head: HTTPResponseHead?

    private enum Stage {
        case unconnected
        case idle
        /// A request was sent, with this receipt.
        case waiting(Int64?)
        /// The server has said that it will end the connection.
        case ending
    }

    init(_ task: DialogueTask) {
        self.task = task
        parser.method = .post
    }

    /// Messages can wait here before there is a connection.
    let isLive = true

    var keepAlive: KeepAlive { .none }

    func begin(into output: inout [UInt8]) {
        stage = .idle
        sendNext(into: &output)
    }

    func publish(_ message: OutgoingMessage, into output: inout [UInt8]) {
        queue.append(message)
        sendNext(into: &output)
    }

    func successor() -> (any Dialogue)? {
        switch stage {
        case .unconnected, .waiting: return nil
        case .idle, .ending:
            let successor = PostDialogue(task)
            successor.queue = Array(queue[queueStart...])
            return successor
        }
    }

    private func sendNext(into output: inout [UInt8]) {
        guard case .idle = stage, queueStart < queue.count else { return }
        let message = queue[queueStart]
        queueStart += 1
        if queueStart == queue.count {
            queue.removeAll(keepingCapacity: true)
            queueStart = 0
        }
        stage = .waiting(message.receipt)
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
            case .head(let head): self.head = head
            case .body: break
            case .end:
                guard let head, !head.status.isInterim else { continue }
                try finish(head, listener)
                sendNext(into: &output)
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

    private func finish(
        _ head: HTTPResponseHead, _ listener: any DialogueListener
    ) throws(ClientFailure) {
        guard case .waiting(let receipt) = stage else {
            throw .brokenProtocol("an answer to no question")
        }
        let isLast = head.headers.list(named: "Connection").contains { $0.lowercased() == "close" }
        stage = isLast ? .ending : .idle
        if !(200...299).contains(head.status.code) {
            listener.refused("POST: \(head.status)")
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
