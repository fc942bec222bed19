import Measure
import Transport

/// One HTTP request after the other, each on a connection of its own; for what has to be there
/// before anything is measured.
final class RESTClient {
    private let target: Target
    private let loop: EventLoop
    /// Wakes the loop, so that a server which says nothing can be given up.
    private let metronome: Metronome
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    private static let patienceUs: Int64 = 30_000_000

    /// A whole answer.
    struct Answer {
        let status: HTTPStatus
        let body: [UInt8]
    }

    init(target: Target) throws(ClientFailure) {
        self.target = target
        do throws(SystemError) {
            loop = try EventLoop()
        } catch {
            throw .system(error)
        }
        metronome = Metronome(waking: loop, everyUs: 100_000)
    }

    /// Posts JSON and waits for the answer, whatever its status.
    func post(
        _ path: String, json: [UInt8], token: String? = nil
    ) throws(ClientFailure) -> Answer {
        var request: [UInt8] = []
        request += "POST \(path) HTTP/1.1\r\nHost: \(target.authority)\r\n".utf8
        request += "Content-Type: application/json\r\nContent-Length: \(json.count)\r\n".utf8
        if let token { request += "Authorization: Bearer \(token)\r\n".utf8 }
        request += "Connection: close\r\n\r\n".utf8
        request += json

        let socket: Socket
        do throws(SystemError) {
            socket = try Socket.connect(to: target.address)
            try loop.watch(socket.descriptor, for: .write, tag: 0)
        } catch {
            throw .system(error)
        }
        defer { loop.unwatch(socket.descriptor) }
        let deadlineUs = MonotonicClock.nowUs() + Self.patienceUs
        try send(request, over: socket, byUs: deadlineUs)
        return try receive(over: socket, byUs: deadlineUs)
    }

    private func send(
        _ request: [UInt8], over socket: Socket, byUs deadlineUs: Int64
    ) throws(ClientFailure) {
        var sentCount = 0
        while sentCount < request.count {
            try wait(byUs: deadlineUs)
            // Asking for the error clears it.
            let code = socket.pendingError
            guard code == 0 else {
                throw .system(SystemError("connect \(target.address)", code: code))
            }
            switch Socket.send(socket.descriptor, request, from: sentCount) {
            case .bytes(let count): sentCount += count
            case .wouldBlock: break
            case .end: throw .disconnected
            case .failed(let code): throw .system(SystemError("send", code: code))
            }
        }
        loop.change(socket.descriptor, to: .read, tag: 0)
    }

    private func receive(
        over socket: Socket, byUs deadlineUs: Int64
    ) throws(ClientFailure) -> Answer {
        var parser = HTTPResponseParser()
        parser.method = .post
        var status: HTTPStatus?
        var body: [UInt8] = []
        do {
            while true {
                try wait(byUs: deadlineUs)
                var isAtEnd = false
                switch Socket.receive(socket.descriptor, into: &buffer) {
                case .bytes(let count): parser.append(buffer.span.extracting(first: count))
                case .wouldBlock: continue
                case .end: isAtEnd = true
                case .failed(let code):
                    throw ClientFailure.system(SystemError("receive", code: code))
                }
                while let event = try parser.next() ?? (isAtEnd ? parser.finish() : nil) {
                    switch event {
                    case .head(let head): status = head.status
                    case .body(let piece): body += piece
                    case .end:
                        guard let status, !status.isInterim else { continue }
                        return Answer(status: status, body: body)
                    }
                }
                if isAtEnd { throw ClientFailure.disconnected }
            }
        } catch let failure as ClientFailure {
            throw failure
        } catch {
            throw .brokenProtocol("\(error)")
        }
    }

    private func wait(byUs deadlineUs: Int64) throws(ClientFailure) {
        var ready: [Readiness] = []
        repeat {
            loop.turn(into: &ready)
            guard MonotonicClock.nowUs() < deadlineUs else {
                throw .timedOut("an answer of the REST API")
            }
        } while ready.isEmpty
    }
}
