import Engine
import TestSupport

/// A cluster, its clients, and what befalls them.
final class World {
    let dice: Dice
    let timeline: Timeline
    let weather: Weather
    let counts = FaultCounter()
    let core: any Core
    /// The core, where it is Redis.
    let redis: SimulatedRedis?
    let judge: Judge
    var nodes: [Node] = []
    var clients: [Client] = []
    /// What clients did of their own accord.
    var actionCount = 0
    /// Whether everybody has taken a nap; once a run is enough.
    var isLulled = false
    let trace: Trace
    private var lines: [ClientLine] = []
    private var slotLast: UInt32 = 0
    private var nodeLast = 0
    private let mutant: Mutant?

    static let nodeCount = 3

    init(seed: UInt64, core kind: CoreKind, mutant: Mutant?, trace: Trace) {
        self.mutant = mutant
        dice = Dice(seed: seed)
        self.trace = trace
        timeline = Timeline(dice: dice)
        weather = Weather(dice, blows: Blow.all(of: kind))
        switch kind {
        case .hub:
            redis = nil
            core = Hub(timeline, weather: weather, counts: counts, mutant: mutant)
        case .redis:
            let redis = SimulatedRedis(timeline, weather: weather, counts: counts)
            self.redis = redis
            core = redis
        }
        judge = Judge(core, timeline, counts)
        trace.elapsedMs = { [timeline] in timeline.elapsedMs }
        timeline.afterStep = { [unowned self] in collectMail() }
    }

    /// Starts the nodes, and lets the clients come.
    func start() {
        nodes = (0..<Self.nodeCount).map(newNode)
        let count = 5 + dice.below(5)
        let pauseMs = weather.chaosMs * Int64(count) / 400
        clients = (0..<count).map {
            Client($0, habits: Habits(dice, pauseMs: 0...(2 * pauseMs)), in: self)
        }
    }

    // MARK: What clients ask

    /// Opens a connection to one of the nodes; nil where that one is down.
    func connect(_ client: Client) -> ClientLine? {
        let node = dice.pick(nodes)
        guard node.isAlive else { return nil }
        slotLast += 1
        let line = ClientLine(
            of: client, to: node, slot: slotLast, on: timeline,
            latencyMs: weather.clientLatencyMs)
        lines.append(line)
        return line
    }

    /// Asks a node for a page of a room.
    func look(_ room: RoomSpec, by client: Client, request: Int, at node: Node) {
        timeline.after(dice.within(weather.clientLatencyMs)) {
            guard node.isAlive else {
                return client.look(nil, request: request)
            }
            let (reception, number) = (node.reception, client.number)
            node.loops[0].post {
                reception.assumeIsolated { $0.ask(room, client: number, request: request) }
            }
        }
    }

    /// Asks a node who is in a room.
    func askMembers(_ room: RoomSpec, by client: Client, request: Int, at node: Node) {
        timeline.after(dice.within(weather.clientLatencyMs)) {
            guard node.isAlive else { return client.takeMembers(nil, request: request) }
            let (reception, number) = (node.reception, client.number)
            node.loops[0].post {
                reception.assumeIsolated {
                    $0.askMembers(room, client: number, request: request)
                }
            }
        }
    }

    // MARK: What nodes say

    private func collectMail() {
        for node in nodes where node.isAlive {
            for parcel in node.collectMail() { take(parcel) }
        }
    }

    private func take(_ parcel: Mailbox.Parcel) {
        switch parcel {
        case .frames(let frames, let slot):
            guard let line = lines.first(where: { $0.slot == slot }) else { return }
            for frame in frames { examine(frame, slot) }
            line.deliver(frames)
        case .closed(let slot):
            guard let place = lines.firstIndex(where: { $0.slot == slot }) else { return }
            lines.remove(at: place).end()
        case .page(let result, let number, let request):
            timeline.after(dice.within(weather.clientLatencyMs)) { [self] in
                // A failure is answered as 503: the client tries again.
                clients[number].look(try? result.get(), request: request)
            }
        case .members(let attendance, let number, let request):
            timeline.after(dice.within(weather.clientLatencyMs)) { [self] in
                clients[number].takeMembers(attendance, request: request)
            }
        case .overflow(let count, let slot):
            judge.accuse("\(count) bytes wait for the reader at slot \(slot), and no end")
        case .call, .wire, .wait:
            preconditionFailure("the node keeps this to itself")
        }
    }

    /// Judges what a node hands to the network, whether or not it ever arrives.
    private func examine(_ frame: Frame, _ slot: UInt32) {
        switch frame {
        case .message(let publication, let wire):
            examine([publication], wire, slot)
        case .event(.replay(let publications, let wire)):
            examine(publications, wire, slot)
        case .event(.published(let receipt, let appended)):
            trace.add(.receipt, slot, appended.position.offset) { "receipt \(receipt) \(appended)" }
            judge.hears(receipt, appended)
        case .event(let event):
            trace.add(.event, slot, 0) { "\(event)" }
        case .farewell(let refusal):
            trace.add(.farewell, slot, 0) { "farewell \(refusal.code)" }
        }
    }

    private func examine(
        _ publications: [Publication], _ wire: SubscriptionWire, _ slot: UInt32
    ) {
        guard let room = RoomSpec.all.first(where: { $0.destination == wire.destination }) else {
            return judge.accuse("a message for \(wire.destination)")
        }
        for publication in publications {
            trace.add(.message, slot, publication.offset) {
                "\(room.stream) \(wire.epoch):\(publication.offset)"
            }
            judge.sees(publication, in: room, epoch: wire.epoch, "slot \(slot)")
        }
    }

    // MARK: Crashes

    /// Kills a node; its clients hear of it, or find out themselves much later.
    func crash(_ node: Node) {
        guard node.isAlive else { return }
        node.crash()
        for line in lines where line.node === node {
            if dice.oneIn(4) {
                timeline.after(dice.within(2_000...10_000)) { line.end() }
            } else {
                line.end()
            }
        }
        lines.removeAll { $0.node === node }
    }

    func restart(_ place: Int) {
        guard !nodes[place].isAlive else { return }
        nodes[place] = newNode(place)
    }

    private func newNode(_ number: Int) -> Node {
        nodeLast += 1
        return Node(number: number, id: nodeLast, on: timeline, core: core, mutant: mutant)
    }

    /// Lets go of everything, so that the memory is free for the next run.
    func tearDown() {
        for node in nodes { node.crash() }
        timeline.clear()
        nodes = []
        clients = []
        lines = []
    }
}
