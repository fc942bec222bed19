import Engine
import TestSupport
import Testing

/// Who types in a room, as those who listen to its events are told.
struct TypingTests {
    private let started = "7 typing/started"
    private let stopped = "7 typing/stopped"
    private let mina = Member(user: UserID(7), name: "Mina")
    private let world = EngineWorld()
    private let observer: EngineClient

    init() {
        observer = world.client(1)
        observer.subscribe("e", to: "/events/a")
        world.run()
    }

    private func type(_ isTyping: Bool = true) {
        world.room("/chat/a").type(isTyping, by: mina)
        world.run()
    }

    /// What the observer was told of typing.
    private var told: [String] {
        observer.events(of: "e").filter { $0.contains("typing") }
    }

    @Test func `typing is announced, and is over by itself`() {
        type()
        #expect(told == [started])
        world.simulator.run(forMs: 5_999)
        #expect(told == [started])
        world.simulator.run(forMs: 1)
        #expect(told == [started, stopped])
        let publications = observer.publications(of: "e")
        #expect(publications.map(\.senderName) == ["Mina", "Mina"])
        #expect(publications[1].timestampMs - publications[0].timestampMs == 6_000)
    }

    @Test func `a flood of typing is announced every three seconds at most`() {
        for _ in 0..<100 {
            type()
            world.simulator.run(forMs: 100)
        }
        // At 0, 3, 6 and 9 s.
        #expect(told == [started, started, started, started])
    }

    @Test func `typing is over at once when what was typed is published`() {
        let writer = world.client(7)
        type()
        writer.publish("hello", to: "/chat/a")
        world.run()
        #expect(told == [started, stopped])
        type()
        #expect(told == [started, stopped, started])
    }

    @Test func `another's message does not end it`() {
        type()
        world.client(8).publish("hello", to: "/chat/a")
        world.run()
        #expect(told == [started])
    }

    @Test func `typing is over at once when its user says so, or is there no more`() {
        let writer = world.client(7)
        writer.subscribe("s", to: "/chat/a")
        type()
        type(false)
        #expect(told == [started, stopped])
        world.simulator.run(forMs: 3_000)
        type()
        writer.ask { $0.end() }
        world.run()
        #expect(told == [started, stopped, started, stopped])
    }

    @Test func `a room that was opened to type in closes again`() {
        type()
        #expect(world.community.rooms.count == 2)
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 1)
        // The room that was is asked; the one that follows it does.
        let closed = world.room("/chat/a")
        world.run()
        closed.type(true, by: mina)
        world.simulator.run(forMs: 120_000)
        closed.type(true, by: mina)
        world.run()
        #expect(told.count == 5)
    }

    @Test func `nobody is told where the room has no events`() {
        world.room("/topic/a").type(true, by: mina)
        world.run()
        #expect(told.isEmpty)
    }
}
