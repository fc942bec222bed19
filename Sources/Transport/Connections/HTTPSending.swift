import Engine

/// An answer whose body is being read and sent.
struct HTTPDownload {
    let source: any HTTPBodySource
    /// What has not been read yet.
    var bytesLeft: Int
    /// Whether the connection ends with it.
    let isLast: Bool
    /// Whether a piece is being read now.
    var isReading = false
}

/// Bodies that don't come from memory: a piece is read when the peer has taken nearly all before it.
extension HTTPConversation {
    func begin(
        _ response: HTTPSourcedResponse, to head: HTTPRequestHead, isLast: Bool,
        _ connection: Connection, _ reactor: isolated Reactor
    ) {
        let byteCount = response.body.byteCount
        reactor.send(to: connection) {
            HTTPResponseEncoder.encodeHead(
                response.status, response.headers, bodyBytes: byteCount, version: head.version,
                keepAlive: !isLast, date: reactor.httpDate, into: &$0)
        }
        guard head.method != .head, !response.status.forbidsBody, byteCount > 0 else {
            return conclude(isLast: isLast, connection, reactor)
        }
        state = .sending(
            HTTPDownload(source: response.body, bytesLeft: byteCount, isLast: isLast))
        readOn(connection, reactor)
    }

    /// Asks for the next piece, unless that is asked for.
    func readOn(_ connection: Connection, _ reactor: isolated Reactor) {
        guard case .sending(var download) = state, !download.isReading else { return }
        download.isReading = true
        state = .sending(download)
        let endpoint = connection.endpoint
        Task { [source = download.source] in
            let piece = await source.next()
            guard let connection = reactor.connection(at: endpoint),
                let conversation = connection.conversation as? HTTPConversation
            else { return }
            conversation.send(piece, connection, reactor)
        }
    }

    private func send(
        _ piece: [UInt8], _ connection: Connection, _ reactor: isolated Reactor
    ) {
        guard case .sending(var download) = state, case .open = connection.phase else { return }
        // Less came than was promised, or more: the client must not take this for the whole.
        guard !piece.isEmpty, piece.count <= download.bytesLeft else {
            return reactor.close(connection)
        }
        reactor.send(piece[...], to: connection)
        download.bytesLeft -= piece.count
        download.isReading = false
        state = .sending(download)
        if download.bytesLeft == 0 {
            conclude(isLast: download.isLast || reactor.isStopping, connection, reactor)
            return goOn(connection, reactor)
        }
        if !connection.isCongested { readOn(connection, reactor) }
        reactor.rearm(connection)
    }
}
