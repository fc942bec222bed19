import Glibc

/// Why a server was not asked, or did not answer.
public enum HTTPCallError: Error, Sendable, CustomStringConvertible {
    /// The host has no address, in the system's words.
    case noAddress(String)
    case system(SystemError)
    case brokenProtocol(HTTPParseError)
    case timedOut

    public var description: String {
        switch self {
        case .noAddress(let words): words
        case .system(let error): error.description
        case .brokenProtocol(let error): "the answer is not HTTP: \(error)"
        case .timedOut: "no answer in time"
        }
    }
}

/// One request in plain HTTP to another server, on a connection of its own, for what is asked now
/// and then.
public enum HTTPCall {
    private static let patienceMs: Int64 = 10_000

    /// The address of a host.
    public static func address(
        of host: String, port: UInt16
    ) async throws(HTTPCallError) -> SocketAddress {
        let found = await withCheckedContinuation { continuation in
            HostNames.resolve(host, port: port) { continuation.resume(returning: $0) }
        }
        switch found {
        case .success(let addresses):
            guard let address = addresses.first else { throw .noAddress("\(host): no address") }
            return address
        case .failure(let failure):
            throw .noAddress(failure.description)
        }
    }

    /// The head of the answer to a request without a body, whose `target` is encoded. `host` is what
    /// the request says it is for, whoever is at the address. Blocks the thread, for 10 s at most.
    public static func head(
        _ method: HTTPMethod, _ target: String, host: String, at address: SocketAddress
    ) throws(HTTPCallError) -> HTTPResponseHead {
        let deadlineMs = EventLoop.nowMs() + patienceMs
        let request =
            "\(method.rawValue) \(target) HTTP/1.1\r\nHost: \(host)\r\n"
            + "Connection: close\r\nContent-Length: 0\r\n\r\n"
        let socket: Socket
        do {
            socket = try Socket.connect(to: address)
        } catch {
            throw .system(error)
        }
        try send(Array(request.utf8), over: socket, byMs: deadlineMs)
        return try receiveHead(method, over: socket, byMs: deadlineMs)
    }

    private static func send(
        _ request: [UInt8], over socket: Socket, byMs deadlineMs: Int64
    ) throws(HTTPCallError) {
        var sentCount = 0
        while sentCount < request.count {
            try wait(for: POLLOUT, on: socket, byMs: deadlineMs)
            // Asking for the error clears it.
            let code = socket.pendingError
            guard code == 0 else { throw .system(SystemError("connect", code: code)) }
            switch Socket.send(socket.descriptor, request, from: sentCount) {
            case .bytes(let count): sentCount += count
            case .wouldBlock: break
            case .end: throw .brokenProtocol(.truncated)
            case .failed(let code): throw .system(SystemError("send", code: code))
            }
        }
    }

    private static func receiveHead(
        _ method: HTTPMethod, over socket: Socket, byMs deadlineMs: Int64
    ) throws(HTTPCallError) -> HTTPResponseHead {
        var parser = HTTPResponseParser()
        parser.method = method
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            try wait(for: POLLIN, on: socket, byMs: deadlineMs)
            switch Socket.receive(socket.descriptor, into: &buffer) {
            case .bytes(let count): parser.append(buffer.span.extracting(first: count))
            case .wouldBlock: continue
            case .end: throw .brokenProtocol(.truncated)
            case .failed(let code): throw .system(SystemError("receive", code: code))
            }
            do throws(HTTPParseError) {
                while let event = try parser.next() {
                    if case .head(let head) = event, !head.status.isInterim { return head }
                }
            } catch {
                throw .brokenProtocol(error)
            }
        }
    }

    private static func wait(
        for events: Int32, on socket: Socket, byMs deadlineMs: Int64
    ) throws(HTTPCallError) {
        while true {
            let leftMs = deadlineMs - EventLoop.nowMs()
            guard leftMs > 0 else { throw .timedOut }
            var place = pollfd(fd: socket.descriptor, events: Int16(events), revents: 0)
            if unsafe poll(&place, 1, Int32(leftMs)) > 0 { return }
        }
    }
}
