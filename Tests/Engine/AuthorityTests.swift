import Engine
import TestSupport
import Testing

/// Authority that changes while a session is open.
struct AuthorityTests {
    private let world: EngineWorld
    private let register: Register
    private let client: EngineClient
    private let user = UserID(5)

    init() {
        world = EngineWorld(asksRegister: true)
        register = world.register
        client = world.client(5)
    }

    /// The session is told that its user's authority has changed.
    private func change(_ body: (Register) -> Void) {
        body(register)
        let session = client.session
        client.outlet.loop.post { session.assumeIsolated { $0.verifyAnew() } }
    }

    // MARK: Who

    @Test func `a session ends when its user is shut out`() {
        client.subscribe("s", to: "/topic/a")
        client.subscribe("e", to: "/errors")
        world.run()
        change { $0.shutOut(user) }
        world.run()
        #expect(client.transcript == ["refused -: revoked, ended"])
        #expect(world.memberCount == 0)
    }

    @Test func `later messages say the new name, earlier ones the old`() {
        client.subscribe("s", to: "/topic/a")
        client.publish("one", to: "/topic/a")
        world.run()
        change { $0.rename(user, to: "Mina") }
        client.publish("two", to: "/topic/a")
        world.run()
        #expect(client.publications(of: "s").map(\.senderName) == ["user 5", "Mina"])
    }

    @Test func `a change during the verification is verified, too`() {
        change { _ in }
        world.run(.loops)
        change { $0.shutOut(user) }
        world.run()
        #expect(client.transcript == ["refused -: revoked, ended"])
        #expect(register.questionCount == 2)
    }

    @Test func `what was found out of an old token does not undo its renewal`() {
        change { _ in }
        world.run(.loops)
        let fresh = Identity(user: user, name: "fresh", role: .admin)
        let session = client.session
        client.outlet.loop.post { session.assumeIsolated { $0.renew(fresh, receipt: "n") } }
        client.subscribe("s", to: "/topic/a")
        client.publish("one", to: "/topic/a")
        world.run()
        #expect(client.publications(of: "s").map(\.senderName) == ["fresh"])
        #expect(client.transcript.first == "receipt n")
    }

    @Test func `nobody is let through while nobody can tell who they are`() {
        client.publish("one", to: "/topic/a", receipt: "p")
        world.run()
        change { $0.isAway = true }
        client.publish("two", to: "/topic/a", receipt: "q")
        world.simulator.run(forMs: 2_000)
        #expect(client.waitingCount == 1)
        #expect(client.transcript == ["published p at 7:1"])
        register.isAway = false
        world.simulator.run(forMs: 2_000)
        #expect(client.transcript == ["published p at 7:1", "published q at 7:2"])
    }

    @Test func `a session ends although nobody could tell at first`() {
        register.isAway = true
        change { $0.shutOut(user) }
        world.run()
        #expect(client.transcript.isEmpty)
        register.isAway = false
        world.simulator.run(forMs: 2_000)
        #expect(client.transcript == ["refused -: revoked, ended"])
    }

    // MARK: Where

    @Test func `a subscription that is not allowed any more ends, and the others go on`() {
        client.subscribe("e", to: "/errors")
        client.subscribe("s", to: "/topic/a")
        client.subscribe("t", to: "/topic/b")
        world.run()
        change { $0.set("/topic/a", open: false, to: user) }
        world.run()
        #expect(client.transcript == ["withdrew s from /topic/a: forbidden, told e"])
        world.fill("/topic/a", ["unheard"])
        world.fill("/topic/b", ["heard"])
        #expect(client.offsets(of: "s").isEmpty)
        #expect(client.publications(of: "t").map(\.text) == ["heard"])
    }

    @Test func `who listens for no errors is sent away with the subscription`() {
        client.subscribe("s", to: "/topic/a")
        client.subscribe("t", to: "/topic/b")
        world.run()
        change { $0.set("/topic/a", open: false, to: user) }
        world.run()
        #expect(client.transcript == ["withdrew s from /topic/a: forbidden, ended"])
        #expect(world.memberCount == 0)
    }

    @Test func `the same subscription can come back once it is allowed again`() {
        client.subscribe("e", to: "/errors")
        client.subscribe("s", to: "/topic/a")
        world.run()
        change { $0.set("/topic/a", open: false, to: user) }
        client.subscribe("s", to: "/topic/a", receipt: "no")
        world.run()
        change { $0.set("/topic/a", open: true, to: user) }
        client.subscribe("s", to: "/topic/a", receipt: "yes")
        world.run()
        #expect(
            client.transcript == [
                "withdrew s from /topic/a: forbidden, told e", "refused no: forbidden, told e",
                "subscribed yes at 7:0, complete",
            ])
    }

    @Test func `to give up what was just taken away is no mistake, to do it twice is`() {
        client.subscribe("e", to: "/errors")
        client.subscribe("s", to: "/topic/a")
        world.run()
        change { $0.set("/topic/a", open: false, to: user) }
        world.run()
        client.ask { $0.unsubscribe("s", receipt: "u") }
        client.ask { $0.unsubscribe("s", receipt: "v") }
        world.run()
        #expect(
            client.transcript == [
                "withdrew s from /topic/a: forbidden, told e", "receipt u",
                "refused v: bad-frame, ended",
            ])
    }

    /// A client with an acknowledged subscription that is taken away, and then says this.
    private func loseSubscription(sayingThen say: (EngineClient) -> Void) -> [String] {
        client.subscribe("e", to: "/errors")
        client.subscribe("s", to: "/topic/a", acknowledging: .cumulative)
        world.run()
        world.fill("/topic/a", ["one"])
        client.ask { $0.begin("t", receipt: nil) }
        client.acknowledge(1, in: "t")
        world.run()
        change { $0.set("/topic/a", open: false, to: user) }
        world.run()
        say(client)
        client.ask { $0.begin("u", receipt: "on") }
        world.run()
        return client.transcript
    }

    @Test(arguments: ["s", nil])
    func `to acknowledge what was just taken away is refused, and the session goes on`(
        id: String?
    ) {
        #expect(
            loseSubscription { $0.acknowledge(1, of: id, receipt: "a") } == [
                "s 1", "withdrew s from /topic/a: forbidden, told e",
                "refused a: forbidden, told e", "receipt on",
            ])
    }

    @Test func `a commit for what was just taken away is refused, and the session goes on`() {
        #expect(
            loseSubscription { $0.ask { $0.commit("t", receipt: "c") } } == [
                "s 1", "withdrew s from /topic/a: forbidden, told e",
                "refused c: forbidden, told e", "receipt on",
            ])
    }

    @Test func `nothing is published by a way that was open before`() {
        client.subscribe("e", to: "/errors")
        client.publish("one", to: "/topic/a", receipt: "p")
        world.run()
        change { $0.set("/topic/a", open: false, to: user) }
        client.publish("two", to: "/topic/a", receipt: "q")
        world.run()
        #expect(client.transcript == ["published p at 7:1", "refused q: forbidden, told e"])
    }

    // MARK: Changes while something is under way

    @Test func `a subscription that was found allowed before the change is asked for again`() {
        client.subscribe("e", to: "/errors")
        world.run()
        client.subscribe("s", to: "/topic/a", receipt: "r")
        world.run(.loops)
        change { $0.set("/topic/a", open: false, to: user) }
        world.run()
        #expect(client.transcript == ["refused r: forbidden, told e"])
        #expect(world.memberCount == 0)
    }

    @Test func `a refusal that is out of date by its arrival is asked for again`() {
        register.set("/topic/a", open: false, to: user)
        client.subscribe("s", to: "/topic/a", receipt: "r")
        world.run(.loops)
        change { $0.set("/topic/a", open: true, to: user) }
        world.run()
        #expect(client.transcript == ["subscribed r at 7:0, complete"])
    }

    @Test func `a message that was found allowed before the change is not stored`() {
        client.subscribe("e", to: "/errors")
        world.run()
        client.publish("late", to: "/topic/a", receipt: "p")
        world.run(.loops)
        change { $0.set("/topic/a", open: false, to: user) }
        world.run()
        #expect(client.transcript == ["refused p: forbidden, told e"])
        #expect(world.room("/topic/a").policy.retention.countMax > 0)
    }

    @Test func `a transaction that was found allowed before the change is not stored`() {
        client.subscribe("e", to: "/errors")
        client.ask { $0.begin("t", receipt: nil) }
        client.publish("late", to: "/topic/a", in: "t")
        world.run()
        client.ask { $0.commit("t", receipt: "c") }
        world.run(.loops)
        change { $0.set("/topic/a", open: false, to: user) }
        world.run()
        #expect(client.transcript == ["refused c: forbidden, told e"])
    }

    @Test func `a subscription that is still being given its history ends`() {
        world.fill("/topic/a", (1...600).map { "\($0)" })
        client.subscribe("e", to: "/errors")
        world.run()
        world.broker.holdsAnswers = true
        client.subscribe("s", to: "/topic/a", from: .after(Position("7:0")!), receipt: "r")
        world.run()
        #expect(world.broker.answersOnTheirWay == 1)
        change { $0.set("/topic/a", open: false, to: user) }
        world.run()
        world.broker.holdsAnswers = false
        world.run()
        #expect(client.transcript == ["withdrew s from /topic/a: forbidden, told e"])
        #expect(world.memberCount == 0)
    }

    @Test func `a history that ends early lets the next one go on`() {
        world.fill("/topic/a", (1...600).map { "\($0)" })
        world.fill("/topic/b", ["b"])
        client.subscribe("e", to: "/errors")
        world.run()
        client.outlet.setCongested(true, client.endpoint)
        client.subscribe("s", to: "/topic/a", from: .after(Position("7:0")!))
        client.subscribe("t", to: "/topic/b", from: .after(Position("7:0")!))
        world.run()
        world.broker.holdsAnswers = true
        client.drain()
        world.run()
        change { $0.set("/topic/a", open: false, to: user) }
        world.run()
        world.broker.holdsAnswers = false
        world.run()
        #expect(client.publications(of: "t").map(\.text) == ["b"])
    }

    @Test func `a goodbye is answered although the authority is being verified`() {
        client.publish("one", to: "/topic/a", receipt: "p")
        client.ask { $0.disconnect(receipt: "d") }
        world.run(.loops)
        change { _ in }
        world.run()
        #expect(client.transcript == ["published p at 7:1", "disconnected d"])
    }

    @Test(arguments: 0..<200)
    func `whatever comes in between, who is kept out hears nothing more`(seed: UInt64) {
        let world = EngineWorld(seed: seed, loopCount: 2, asksRegister: true)
        let register = world.register
        let client = world.client(5)
        let writer = world.client(6, on: 1)
        client.subscribe("e", to: "/errors")
        for number in 1...20 { writer.publish("\(number)", to: "/topic/a") }
        client.subscribe("s", to: "/topic/a", from: .last(10))
        client.publish("mine", to: "/topic/a")
        for _ in 0..<Int.random(in: 0..<60, using: &world.simulator.random) {
            world.simulator.step()
        }
        register.set("/topic/a", open: false, to: user)
        let session = client.session
        client.outlet.loop.post { session.assumeIsolated { $0.verifyAnew() } }
        world.run()
        let heardBefore = client.offsets(of: "s").count
        writer.publish("unheard", to: "/topic/a")
        client.publish("unsaid", to: "/topic/a", receipt: "late")
        client.subscribe("again", to: "/topic/a", receipt: "again")
        world.run()
        #expect(client.offsets(of: "s").count == heardBefore)
        #expect(client.transcript.contains("refused late: forbidden, told e"))
        #expect(client.transcript.contains("refused again: forbidden, told e"))
        #expect(world.memberCount == 0)
    }
}
