import Engine
import Glibc
import Transport

/// A STOMP client on a WebSocket that asks one thing at a time and waits for the answer.
final class StageClient {
    private let socket: Socket
    private var received = ""
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    /// The kernel's number for this end of the connection.
    var descriptor: Int32 { socket.descriptor }

    private static let patienceMs: Int32 = 10_000

    /// What did not happen.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Connects, and upgrades to a WebSocket.
    init(connectingTo address: SocketAddress, offersDeflate: Bool) throws {
        socket = try Socket.connect(to: address)
        try wait(for: POLLOUT)
        let deflate = offersDeflate ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : ""
        try send(
            Array(
                """
                GET /stomp HTTP/1.1\r
                Host: localhost\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                \(deflate)\r

                """.utf8))
        try receive(until: "\r\n\r\n")
    }

    /// Begins a session. Returns where the server keeps the connection, as its name says.
    func connect() throws -> Endpoint {
        try send(STOMPFrame(.connect, [("accept-version", "1.2"), ("passcode", "word")]))
        try receive(until: "\n\n")
        let name = received.split(separator: "session:").last?.prefix { $0 != "\n" } ?? ""
        let numbers = name.split(separator: "-").compactMap { UInt32($0) }
        guard numbers.count == 3 else { throw Failure(description: "no session: \(received)") }
        return Endpoint(slot: numbers[1], generation: numbers[2])
    }

    /// Subscribes, and waits until it is a member.
    func subscribe(to destination: String, id: String) throws {
        try send(
            STOMPFrame(
                .subscribe, [("destination", destination), ("id", id), ("receipt", "joined")]))
        try receive(until: "receipt-id:joined")
    }

    /// Publishes, and waits until that is acknowledged.
    func publish(to destination: String) throws {
        try send(
            STOMPFrame(
                .send, [("destination", destination), ("receipt", "first")],
                body: Sample.text(byteCount: 100)))
        try receive(until: "receipt-id:first")
    }

    private func send(_ frame: STOMPFrame) throws {
        var bytes: [UInt8] = []
        STOMPEncoder.encode(frame, version: .v12, into: &bytes)
        try send(Sample.masked(bytes))
    }

    private func send(_ bytes: [UInt8]) throws {
        guard Socket.send(socket.descriptor, bytes) == .bytes(bytes.count) else {
            throw Failure(description: "the server takes nothing")
        }
    }

    /// Compressed messages are never asked for: what is waited for is short.
    private func receive(until text: String) throws {
        received = ""
        while !received.contains(text) {
            try wait(for: POLLIN)
            guard case .bytes(let count) = Socket.receive(socket.descriptor, into: &buffer) else {
                throw Failure(description: "the server closed instead of saying \(text)")
            }
            received += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    private func wait(for event: Int32) throws {
        var watched = pollfd(fd: socket.descriptor, events: Int16(event), revents: 0)
        guard unsafe poll(&watched, 1, Self.patienceMs) == 1 else {
            throw Failure(description: "the server does not answer")
        }
    }
}
