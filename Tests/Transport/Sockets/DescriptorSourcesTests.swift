import Synchronization
import Testing

@testable import Transport

/// Descriptors that a loop tells by itself.
struct DescriptorSourcesTests {
    /// Counts how often it was ready, and tells each time.
    private final class Source: DescriptorSource {
        private let told: @Sendable () -> Void

        init(_ told: @escaping @Sendable () -> Void) {
            self.told = told
        }

        func ready(_ readiness: Readiness) {
            #expect(readiness.isReadable)
            told()
        }
    }

    /// A listening socket, and a connection that makes it readable.
    private func readableListener() throws -> (listener: Socket, peer: Socket) {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listener = try Socket.listen(on: address)
        return (listener, try Socket.connect(to: #require(listener.localAddress)))
    }

    @Test func `a source is told on a thread that only runs the loop`() async throws {
        let (listener, peer) = try readableListener()
        let descriptor = listener.descriptor
        let loop = try EventLoop()
        let thread = try LoopThread(running: loop, name: "tested")
        await withCheckedContinuation { continuation in
            loop.post {
                let tag = Mutex<UInt64>(0)
                let source = Source { [unowned loop] in
                    #expect(loop.isCurrent)
                    loop.remove(tag.withLock { $0 }, descriptor)
                    continuation.resume()
                }
                do {
                    let number = try loop.add(source, descriptor, for: .read)
                    tag.withLock { $0 = number }
                } catch {
                    Issue.record(error)
                }
            }
        }
        loop.close()
        thread.join()
        listener.close()
        peer.close()
    }

    @Test func `who runs the turns sees what is his, and sources what is theirs`() throws {
        let (own, peer) = try readableListener()
        let (other, otherPeer) = try readableListener()
        let loop = try EventLoop()
        let toldCount = Mutex(0)
        let source = Source { toldCount.withLock { $0 += 1 } }
        let tag = try loop.add(source, other.descriptor, for: .read)
        try loop.watch(own.descriptor, for: .read, tag: 7)
        var ready: [Readiness] = []
        loop.turn(into: &ready)
        #expect(ready.map(\.tag) == [7])
        #expect(toldCount.withLock { $0 } == 1)
        loop.remove(tag, other.descriptor)
        loop.turn(into: &ready)
        #expect(ready.map(\.tag) == [7])
        #expect(toldCount.withLock { $0 } == 1)
        for socket in [own, peer, other, otherPeer] { socket.close() }
    }

    @Test func `numbers of sources are nobody else's, and not used again`() {
        var sources = DescriptorSources()
        let first = sources.insert(Source {})
        sources.remove(first)
        let second = sources.insert(Source {})
        #expect(first != second)
        #expect(sources[first] == nil)
        #expect(sources[second] != nil)
        #expect(DescriptorSources.owns(first))
        for foreign in [0, 7, UInt64(UInt32.max), Reactor.acceptorTag, .max] {
            #expect(!DescriptorSources.owns(foreign))
        }
    }
}
