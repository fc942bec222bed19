import Engine
import Synchronization
import TestSupport
import Testing

/// What a client asks for by a SEND that is no publication.
struct SessionCommandTests {
    /// A command that writes down what it is asked, and is done when it is told to be.
    private final class Recorder: Sendable {
        private struct State {
            var asked: [String] = []
            var unfinished: [CheckedContinuation<Refusal?, Never>] = []
        }

        private let state = Mutex(State())

        var asked: [String] { state.withLock { $0.asked } }

        var command: Command {
            { request, identity throws(Refusal) in
                let text = String(decoding: request.body, as: UTF8.self)
                let refusal = await withCheckedContinuation { continuation in
                    self.state.withLock { state in
                        state.asked.append("\(text) of \(identity.name)")
                        state.unfinished.append(continuation)
                    }
                }
                if let refusal { throw refusal }
            }
        }

        func finishFirst(_ refusal: Refusal? = nil) {
            state.withLock { $0.unfinished.removeFirst() }.resume(returning: refusal)
        }
    }

    private let recorder = Recorder()

    private func world(window: Int = 64) -> EngineWorld {
        EngineWorld(
            limits: SessionLimits(unacknowledgedMax: window),
            commands: ["/do": recorder.command])
    }

    /// Lets a command end, and runs what comes of it.
    private func finishFirst(_ refusal: Refusal? = nil, in world: EngineWorld) {
        world.simulator.perform { recorder.finishFirst(refusal) }
        world.run()
    }

    @Test func `its receipt follows when it is done`() {
        let world = world()
        let client = world.client(7)
        client.publish("one", to: "/do", receipt: "r")
        client.publish("two", to: "/do", receipt: "s")
        world.run()
        #expect(recorder.asked == ["one of user 7", "two of user 7"])
        #expect(client.transcript.isEmpty)
        finishFirst(in: world)
        #expect(client.transcript == ["receipt r"])
        finishFirst(in: world)
        #expect(client.transcript == ["receipt r", "receipt s"])
    }

    @Test func `what it refuses ends the session, or comes to who listens for errors`() {
        let world = world()
        let (deaf, listening) = (world.client(1), world.client(2))
        listening.subscribe("e", to: "/errors")
        for client in [deaf, listening] {
            client.publish("one", to: "/do", receipt: "r")
            world.run()
            finishFirst(Refusal(.forbidden, "not you"), in: world)
        }
        #expect(deaf.transcript == ["refused r: forbidden, ended"])
        #expect(listening.transcript == ["refused r: forbidden, told e"])
    }

    @Test func `it takes a place among the session's unfinished publishes`() {
        let world = world(window: 2)
        let client = world.client()
        for text in ["one", "two", "three"] { client.publish(text, to: "/do") }
        world.run()
        #expect(recorder.asked.count == 2)
        #expect(client.waitingCount == 1)
        finishFirst(in: world)
        #expect(recorder.asked.count == 3)
        #expect(client.waitingCount == 0)
    }

    @Test func `a goodbye waits for it`() {
        let world = world()
        let client = world.client()
        client.publish("one", to: "/do")
        client.ask { $0.disconnect(receipt: "bye") }
        world.run()
        #expect(client.transcript.isEmpty)
        finishFirst(in: world)
        #expect(client.transcript == ["disconnected bye"])
    }

    @Test func `a session that has ended tells nobody`() {
        let world = world()
        let client = world.client()
        client.publish("one", to: "/do", receipt: "r")
        client.ask { $0.end() }
        world.run()
        finishFirst(Refusal(.forbidden, "not you"), in: world)
        #expect(client.transcript.isEmpty)
    }

    @Test func `it has no place in a transaction, and nobody subscribes to it`() {
        let world = world()
        let client = world.client()
        client.subscribe("e", to: "/errors")
        client.subscribe("s", to: "/do", receipt: "r")
        client.ask { $0.begin("t", receipt: nil) }
        client.publish("one", to: "/topic/a", in: "t")
        client.publish("two", to: "/do", in: "t")
        client.ask { $0.commit("t", receipt: "c") }
        world.run()
        #expect(
            client.transcript == [
                "refused r: no-such-destination, told e",
                "refused c: no-such-destination, told e",
            ])
        #expect(recorder.asked.isEmpty)
    }
}
