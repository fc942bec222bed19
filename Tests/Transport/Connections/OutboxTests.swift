import Glibc
import Testing

@testable import Transport

struct OutboxTests {
    private static func piece(_ number: UInt8, count: Int) -> [UInt8] {
        Array(repeating: number, count: count)
    }

    /// Everything that is in an outbox, sent to whoever takes it.
    private static func content(of outbox: inout Outbox) throws -> [UInt8] {
        let pair = try SocketPair()
        var content: [UInt8] = []
        while !outbox.isEmpty {
            _ = outbox.flush(to: pair.ours.descriptor)
            content += pair.readAvailable()
        }
        return content + pair.readAvailable()
    }

    @Test func `sends what was appended, in order, and holds nothing after that`() throws {
        var outbox = Outbox()
        outbox.append(Self.piece(1, count: 100_000))
        outbox.append { $0 += Self.piece(2, count: 100_000) }
        #expect(outbox.count == 200_000)
        #expect(outbox.heldBytes >= 200_000)
        let content = try Self.content(of: &outbox)
        #expect(content == Self.piece(1, count: 100_000) + Self.piece(2, count: 100_000))
        #expect(outbox.heldBytes == 0)
    }

    @Test func `drops whole pieces from the end, and gives their memory back`() throws {
        var outbox = Outbox()
        for number in UInt8(1)...100 { outbox.append(Self.piece(number, count: 10_000)) }
        outbox.drop()
        #expect(outbox.heldBytes <= 2 * Outbox.markBytes)
        let content = try Self.content(of: &outbox)
        #expect(content == Self.piece(1, count: 10_000) + Self.piece(2, count: 10_000))
    }

    @Test(arguments: [1, 5_000, 30_000, 250_000])
    func `never drops a part of a piece, however much was sent`(takenCount: Int) throws {
        let pair = try SocketPair()
        var outbox = Outbox()
        let pieces = (UInt8(1)...200).map { Self.piece($0, count: 20_000) }
        for piece in pieces { outbox.append(piece) }
        var taken: [UInt8] = []
        while taken.count < takenCount {
            _ = outbox.flush(to: pair.ours.descriptor)
            taken += pair.read(atMost: 7_000)
        }
        outbox.drop()
        outbox.append([0])
        while !outbox.isEmpty {
            _ = outbox.flush(to: pair.ours.descriptor)
            taken += pair.readAvailable()
        }
        taken += pair.readAvailable()
        #expect(taken.last == 0)
        #expect((taken.count - 1) % 20_000 == 0)
        #expect(taken.count < 200 * 20_000)
        #expect(Array(taken.dropLast()) == Array(pieces.joined().prefix(taken.count - 1)))
    }

    @Test func `a small outbox is left as it is`() throws {
        var outbox = Outbox()
        for _ in 0..<10 { outbox.append(Self.piece(1, count: 100)) }
        outbox.drop()
        #expect(outbox.count == 1_000)
    }
}

/// Two ends of one connection within the process; nothing blocks.
private struct SocketPair {
    let ours: Socket
    let theirs: Socket

    init() throws {
        let listener = try Socket.listen(on: #require(SocketAddress(host: "127.0.0.1", port: 0)))
        theirs = try Socket.connect(to: #require(listener.localAddress))
        var accepted: Socket?
        while accepted == nil {
            if case .connection(let descriptor, _) = listener.accept() {
                accepted = Socket(descriptor: descriptor)
            }
        }
        ours = try #require(accepted)
        // So that the kernel does not take everything.
        var bytes: Int32 = 16_384
        unsafe setsockopt(ours.descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, 4)
        unsafe setsockopt(theirs.descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, 4)
    }

    /// The next bytes; none where none are there.
    func read(atMost count: Int) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        guard case .bytes(let got) = Socket.receive(theirs.descriptor, into: &buffer) else {
            return []
        }
        return Array(buffer[..<got])
    }

    /// Everything that is there.
    func readAvailable() -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let more = read(atMost: 65_536)
            if more.isEmpty { return bytes }
            bytes += more
        }
    }
}
