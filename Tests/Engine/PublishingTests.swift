import Engine
import TestSupport
import Testing

struct PublishingTests {
    @Test(arguments: [1, 3])
    func `every member of a room gets each publication once and in order`(loopCount: Int) {
        let world = EngineWorld(loopCount: loopCount)
        let members = (0..<6).map { world.client(Int64($0), on: $0 % loopCount) }
        for member in members { member.subscribe("s", to: "/topic/a") }
        world.run()
        for text in ["one", "two", "three"] { members[0].publish(text, to: "/topic/a") }
        world.run()
        for member in members {
            #expect(member.offsets(of: "s") == [1, 2, 3])
            #expect(member.publications(of: "s").map(\.text) == ["one", "two", "three"])
        }
    }

    @Test func `a subscription gets what its own session publishes, as often as it subscribed`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("s", to: "/topic/a")
        client.subscribe("t", to: "/topic/a")
        client.publish("one", to: "/topic/a", receipt: "p")
        world.run()
        #expect(client.transcript.sorted() == ["published p at 7:1", "s 1", "t 1"])
    }

    @Test func `the receipt comes after the broker has answered, and never before`() {
        let world = EngineWorld()
        world.fill("/topic/a", ["warm"])
        let client = world.client()
        client.publish("one", to: "/topic/a", receipt: "p")
        world.run(.loops)
        #expect(world.simulator.steps.count == 1)
        #expect(client.transcript.isEmpty)
        world.simulator.step(.outside)
        world.run(.loops)
        #expect(client.transcript.isEmpty, "stored, not announced")
        world.simulator.run(.outside)
        world.run(.loops)
        #expect(client.transcript == ["published p at 7:2"])
    }

    @Test func `nobody sees a publication before the broker has announced it`() {
        let world = EngineWorld(loopCount: 2)
        let member = world.client(on: 1)
        member.subscribe("s", to: "/topic/a")
        world.run()
        world.client().publish("one", to: "/topic/a")
        world.run(.loops)
        #expect(member.transcript.isEmpty)
        world.run()
        #expect(member.transcript == ["s 1"])
    }

    @Test func `a publication carries who sent it, when, and what`() throws {
        let world = EngineWorld()
        let client = world.client(42)
        client.subscribe("s", to: "/topic/a")
        client.publish("hello", to: "/topic/a")
        world.run()
        let publication = try #require(client.publications(of: "s").first)
        #expect(publication.sender == UserID(42))
        #expect(publication.senderName == "user 42")
        #expect(publication.contentType == "text/plain")
        #expect(publication.timestampMs == world.simulator.clock.nowMs)
        #expect(publication.text == "hello")
    }

    @Test func `members get what the room's policy renders, replayed or live`() {
        let policy = RoomPolicy(retention: Retention(countMax: 10_000)) { publication in
            Content(body: Array("<\(publication.text)>".utf8), type: "text/html")
        }
        let world = EngineWorld(policy: policy)
        world.fill("/topic/a", ["one"])
        let client = world.client()
        client.subscribe("s", to: "/topic/a", from: .last(5))
        client.publish("two", to: "/topic/a")
        world.run()
        #expect(client.publications(of: "s").map(\.text) == ["<one>", "<two>"])
        #expect(client.publications(of: "s").map(\.contentType) == ["text/html", "text/html"])
    }

    @Test func `a key that was seen answers with the first position and delivers nothing`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("s", to: "/topic/a")
        client.publish("one", to: "/topic/a", key: "k", receipt: "p")
        client.publish("one", to: "/topic/a", key: "k", receipt: "q")
        world.run()
        #expect(client.offsets(of: "s") == [1])
        #expect(
            client.transcript.filter { $0 != "s 1" } == [
                "published p at 7:1", "published q at 7:1, duplicate",
            ])
    }

    @Test func `messages pass through a room that keeps nothing`() {
        let world = EngineWorld(policy: RoomPolicy(retention: .nothing))
        let client = world.client()
        client.subscribe("s", to: "/topic/a", receipt: "r")
        client.publish("one", to: "/topic/a")
        client.publish("two", to: "/topic/a")
        world.run()
        #expect(client.transcript == ["subscribed r at 8:0, complete", "s 1", "s 2"])
    }

    @Test func `one session's publishes to a room are stored in its order`() {
        for seed in UInt64(0)..<50 {
            let world = EngineWorld(seed: seed, loopCount: 3)
            let client = world.client(on: 2)
            for number in 1...20 {
                client.publish("\(number)", to: "/topic/a", receipt: "\(number)")
            }
            world.run()
            for number in 1...20 {
                let appended = client.published["\(number)"]
                #expect(appended?.position.offset == UInt64(number), "seed \(seed)")
            }
        }
    }
}

extension Publication {
    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }
}
