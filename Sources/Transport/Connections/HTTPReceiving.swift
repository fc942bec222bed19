import Engine

/// A body on its way to its receiver.
struct HTTPUpload {
    let head: HTTPRequestHead
    let receiver: any HTTPBodyReceiver
    let beganMs: Int64
    /// Silence after which it is given up, in milliseconds.
    let idleMs: Int64
    /// What has come so far.
    var receivedBytes: Int64 = 0

    /// When it is given up. Whoever sends a byte now and then is not silent, and yet never done:
    /// beyond the first silence, each millisecond takes a byte.
    func dueMs(lastReceivedMs: Int64) -> Int64 {
        min(lastReceivedMs + idleMs, beganMs + idleMs + receivedBytes)
    }
}

/// Bodies that don't go into memory: who sends one is known and allowed before any of it is taken,
/// and the socket is read no faster than the receiver takes.
extension HTTPConversation {
    func admit(
        _ head: HTTPRequestHead, _ reception: any HTTPReception, _ connection: Connection,
        _ reactor: isolated Reactor
    ) {
        let request = HTTPRequest(head: head, body: [], peerHost: connection.peerHost)
        let endpoint = connection.endpoint
        let task = Task {
            let admission = await reception.admit(request)
            if let connection = reactor.connection(at: endpoint),
                let conversation = connection.conversation as? HTTPConversation,
                case .admitting = conversation.state, case .open = connection.phase
            {
                conversation.admitted(admission, head, connection, reactor)
            } else if case .take(let receiver, _) = admission {
                receiver.abandon()
            }
        }
        state = .admitting(head, task)
    }

    private func admitted(
        _ admission: HTTPAdmission, _ head: HTTPRequestHead, _ connection: Connection,
        _ reactor: isolated Reactor
    ) {
        switch admission {
        case .refuse(let answer):
            self.answer(answer, to: head, isLast: true, connection, reactor)
        case .take(let receiver, let bytesMax):
            if head.expectsContinue {
                reactor.send(to: connection) { HTTPResponseEncoder.encodeContinue(into: &$0) }
            }
            parser.bodyBytesMax = bytesMax
            receive(
                HTTPUpload(
                    head: head, receiver: receiver, beganMs: reactor.nowMs, idleMs: limits.idleMs),
                connection, reactor)
        }
        reactor.rearm(connection)
    }

    /// Goes on with what has arrived, or waits for more.
    private func receive(
        _ upload: HTTPUpload, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        state = .receiving(upload)
        advance(connection, reactor)
        // Nothing more comes, and this is not the end.
        if case .receiving = state, connection.hasPeerFinished { reactor.finish(connection) }
    }

    func hand(
        _ piece: [UInt8], to upload: HTTPUpload, _ connection: Connection,
        _ reactor: isolated Reactor
    ) {
        var upload = upload
        upload.receivedBytes += Int64(piece.count)
        state = .handing(upload, bytes: piece.count)
        let endpoint = connection.endpoint
        Task { [upload] in
            let refusal = await upload.receiver.receive(piece)
            if let connection = reactor.connection(at: endpoint),
                let conversation = connection.conversation as? HTTPConversation,
                case .handing = conversation.state, case .open = connection.phase
            {
                if let refusal {
                    conversation.answer(
                        refusal, to: upload.head, isLast: true, connection, reactor)
                } else {
                    conversation.receive(upload, connection, reactor)
                }
                reactor.countInput(of: connection)
                reactor.rearm(connection)
            } else if refusal == nil {
                upload.receiver.abandon()
            }
        }
    }

    func finish(
        _ upload: HTTPUpload, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        let endpoint = connection.endpoint
        let task = Task {
            let answer = await upload.receiver.finish()
            guard let connection = reactor.connection(at: endpoint),
                let conversation = connection.conversation as? HTTPConversation
            else { return }
            conversation.answered(answer, connection, reactor)
        }
        state = .answering(upload.head, bodyBytes: 0, task)
    }

    /// Tells the receiver, if there is one that has nothing to do, that nothing more comes.
    func abandonUpload() {
        guard case .receiving(let upload) = state else { return }
        state = .finished
        upload.receiver.abandon()
    }
}
