import Glibc
import Testing

@testable import Transport

struct PollerTests {
    /// Two ends of a connection, the first of which is watched under the number 7.
    private final class Pair {
        let poller: Poller
        let near: Socket
        let far: Socket
        private var ready: [Readiness] = []

        init(watching interest: Interest) throws {
            poller = try Poller()
            var descriptors: [Int32] = [-1, -1]
            let result = unsafe socketpair(
                AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0,
                &descriptors)
            try #require(result == 0)
            near = Socket(descriptor: descriptors[0])
            far = Socket(descriptor: descriptors[1])
            try poller.add(near.descriptor, for: interest, tag: 7)
        }

        deinit {
            poller.close()
        }

        /// What the kernel says without waiting.
        func poll(timeoutMs: Int32 = 0) -> [Readiness] {
            poller.wait(timeoutMs: timeoutMs, into: &ready)
            return ready
        }
    }

    @Test func `says what can be read, for as long as it can`() throws {
        let pair = try Pair(watching: .read)
        #expect(pair.poll().isEmpty)
        #expect(Socket.send(pair.far.descriptor, [1, 2]) == .bytes(2))
        for _ in 0..<2 {
            let ready = pair.poll()
            #expect(ready.map(\.tag) == [7])
            #expect(ready.first?.isReadable == true)
            #expect(ready.first?.isWritable == false)
        }
        var buffer: [UInt8] = [0, 0, 0]
        #expect(Socket.receive(pair.near.descriptor, into: &buffer) == .bytes(2))
        #expect(buffer == [1, 2, 0])
        #expect(pair.poll().isEmpty)
    }

    @Test func `says only what is asked for`() throws {
        let pair = try Pair(watching: .write)
        _ = Socket.send(pair.far.descriptor, [1])
        #expect(pair.poll().map(\.isReadable) == [false])
        #expect(pair.poll().map(\.isWritable) == [true])
        pair.poller.modify(pair.near.descriptor, for: [], tag: 7)
        #expect(pair.poll().isEmpty)
        pair.poller.modify(pair.near.descriptor, for: [.read, .write], tag: 8)
        #expect(pair.poll().map(\.tag) == [8])
        pair.poller.remove(pair.near.descriptor)
        #expect(pair.poll().isEmpty)
    }

    @Test func `the peer's end shows as something to read`() throws {
        let pair = try Pair(watching: .read)
        Socket.finishWriting(pair.far.descriptor)
        #expect(pair.poll().map(\.isReadable) == [true])
        var buffer: [UInt8] = [0]
        #expect(Socket.receive(pair.near.descriptor, into: &buffer) == .end)
    }

    @Test func `a broken connection shows even where nothing is asked for`() throws {
        let pair = try Pair(watching: [])
        pair.far.close()
        #expect(pair.poll().map(\.hasFailed) == [true])
    }

    @Test func `an interruption ends the wait that comes next, once`() throws {
        let pair = try Pair(watching: .read)
        pair.poller.interrupt()
        pair.poller.interrupt()
        #expect(pair.poll(timeoutMs: 10_000).isEmpty)
        #expect(pair.poll().isEmpty)
    }
}
