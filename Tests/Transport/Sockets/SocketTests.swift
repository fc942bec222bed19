import Glibc
import Testing

@testable import Transport

struct SocketTests {
    private static func loopback() throws -> SocketAddress {
        try #require(SocketAddress(host: "127.0.0.1", port: 0))
    }

    /// Waits until the kernel reports anything of a descriptor.
    private static func wait(for descriptor: Int32, _ events: Int32) throws {
        var poll = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        try #require(unsafe Glibc.poll(&poll, 1, 10_000) == 1)
    }

    @Test func `a connection is accepted with its peer's address`() throws {
        let listener = try Socket.listen(on: Self.loopback())
        let address = try #require(listener.localAddress)
        #expect(address.port != 0)
        let client = try Socket.connect(to: address)
        try Self.wait(for: client.descriptor, POLLOUT)
        #expect(client.pendingError == 0)
        guard case .connection(let descriptor, let peer) = listener.accept() else {
            Issue.record("nothing was accepted")
            return
        }
        let accepted = Socket(descriptor: descriptor)
        #expect(peer == client.localAddress)
        #expect(Socket.send(client.descriptor, [1, 2, 3], from: 1) == .bytes(2))
        try Self.wait(for: accepted.descriptor, POLLIN)
        var buffer: [UInt8] = [0, 0, 0]
        #expect(Socket.receive(accepted.descriptor, into: &buffer) == .bytes(2))
        #expect(buffer == [2, 3, 0])
        guard case .none = listener.accept() else {
            Issue.record("something was accepted twice")
            return
        }
    }

    @Test func `a port that is taken says so`() throws {
        let listener = try Socket.listen(on: Self.loopback())
        let address = try #require(listener.localAddress)
        let error = #expect(throws: SystemError.self) { _ = try Socket.listen(on: address) }
        #expect(error?.code == EADDRINUSE)
        #expect(error?.description.hasPrefix("listen on 127.0.0.1:") == true)
    }

    @Test func `a connection to nobody is refused`() throws {
        let listener = try Socket.listen(on: Self.loopback())
        let address = try #require(listener.localAddress)
        listener.close()
        do throws(SystemError) {
            let client = try Socket.connect(to: address)
            try? Self.wait(for: client.descriptor, POLLOUT)
            #expect(client.pendingError == ECONNREFUSED)
        } catch {
            #expect(error.code == ECONNREFUSED)
        }
    }

    @Test func `sending stops where the kernel's buffers are full, and to who is gone`() throws {
        let listener = try Socket.listen(on: Self.loopback())
        let client = try Socket.connect(to: try #require(listener.localAddress))
        try Self.wait(for: listener.descriptor, POLLIN)
        guard case .connection(let descriptor, _) = listener.accept() else {
            Issue.record("nothing was accepted")
            return
        }
        let accepted = Socket(descriptor: descriptor)
        let much = [UInt8](repeating: 1, count: 1_000_000)
        var outcome = Socket.send(client.descriptor, much)
        while case .bytes = outcome { outcome = Socket.send(client.descriptor, much) }
        #expect(outcome == .wouldBlock)
        accepted.close()
        try Self.wait(for: client.descriptor, POLLIN)
        outcome = Socket.send(client.descriptor, much)
        guard case .failed(let code) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect([EPIPE, ECONNRESET].contains(code))
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:80"), ("localhost", "127.0.0.1:80"), ("::1", "[::1]:80"),
    ])
    func `addresses are read and written`(host: String, text: String) {
        #expect(SocketAddress(host: host, port: 80)?.description == text)
    }

    @Test(arguments: ["", "localhost.", "example.org", "1.2.3", "1.2.3.4.5", ":::"])
    func `what is no numeric address is refused`(host: String) {
        #expect(SocketAddress(host: host, port: 80) == nil)
    }
}
