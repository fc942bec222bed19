import Engine

/// How an answer becomes an event stream, with which the connection ends.
extension HTTPConversation {
    /// Begins the stream, unless the client only asks what its head would be.
    func begin(
        _ stream: EventStream, to head: HTTPRequestHead, _ connection: Connection,
        _ reactor: isolated Reactor
    ) {
        guard !reactor.isStopping else {
            return answer(responder.refusal(.serviceUnavailable), to: head, connection, reactor)
        }
        var headers = stream.headers
        for field in EventStream.ownHeaders { headers.set(field.name, field.value) }
        // Nobody who reads events waits for another response.
        var framing = HTTPStreamFraming.none
        reactor.send(to: connection) {
            framing = HTTPResponseEncoder.encodeStreamHead(
                .ok, headers, answering: head.method, version: head.version, keepAlive: false,
                date: reactor.httpDate, into: &$0)
        }
        state = .finished
        guard framing != .none else { return reactor.finish(connection) }
        let conversation = EventStreamConversation(
            stream, isChunked: framing == .chunked, over: connection, on: reactor)
        connection.conversation = conversation
        let isAuthorityOld = reactor.authorityChanges.concern(
            stream.identity.user, since: authorityMark)
        conversation.begin(isAuthorityOld: isAuthorityOld, over: connection, on: reactor)
        reactor.setReading(true, of: connection)
    }
}
