import Engine
import TestSupport

/// One process of the cluster, from its start to its end: loops, rooms, sessions, and its connection
/// to the hub.
final class Node {
    let number: Int
    /// Of this life of the node.
    let id: Int
    let loops: [ManualLoop]
    let outlets: [SimulatedOutlet]
    let reception: Reception
    let community: Community
    let broker: SimulatedBroker
    let mailbox = Mailbox()
    /// How far the wall clock is from the true time.
    let skew = ManualClock(0)
    private(set) var isAlive = true
    private let timeline: Timeline
    private let hub: Hub
    private var line: HubLine?
    private var isPartitioned = false
    private var waiting: [Wait] = []
    private var waitLast = 0

    private struct Wait {
        let number: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    init(number: Int, id: Int, on timeline: Timeline, hub: Hub) {
        self.number = number
        self.id = id
        self.timeline = timeline
        self.hub = hub
        let (mailbox, clock, skew, mutant) = (mailbox, timeline.clock, skew, hub.mutant)
        loops = (0..<2).map { _ in timeline.addLoop() }
        outlets = loops.enumerated().map {
            SimulatedOutlet(index: $0, loop: $1, mailbox: mailbox, mutant: mutant)
        }
        broker = SimulatedBroker(mailbox, nowMs: { clock.nowMs }, mutant: mutant)
        reception = Reception(loop: loops[0], broker: broker, mailbox: mailbox, mutant: mutant)
        community = Community(
            rooms: Rooms(
                broker: broker, outlets: outlets, now: { clock.nowMs + skew.nowMs }),
            directory: SimulatedDirectory(mailbox: mailbox), authenticator: NoAuthenticator(),
            store: InMemoryStore(now: { clock.nowMs + skew.nowMs }),
            limits: SessionLimits(unacknowledgedMax: 8), now: { clock.nowMs + skew.nowMs })
        dial()
        tick()
    }

    /// Runs on one of the node's loops, after what was posted there before.
    func post(to loop: Int, _ work: @escaping @Sendable (isolated SimulatedOutlet) -> Void) {
        let outlet = outlets[loop]
        loops[loop].post { outlet.assumeIsolated(work) }
    }

    // MARK: The connection to the hub

    private func dial() {
        guard isAlive, line == nil else { return }
        let line = HubLine(to: hub, nodeID: id) { [self] heard in hear(heard) }
        guard !isPartitioned, hub.accept(line) else { return dialLater() }
        self.line = line
        broker.connected()
    }

    private func dialLater() {
        timeline.after(timeline.dice.within(50...600)) { [self] in dial() }
    }

    private func hear(_ heard: HubLine.Heard) {
        guard isAlive else { return }
        switch heard {
        case .reply(let number, let reply):
            broker.complete(number, reply)
        case .announcement(let announcement):
            if hub.weather.announcesOnLoop {
                loops[0].post { [broker] in broker.hear(announcement) }
            } else {
                broker.hear(announcement)
            }
        case .end:
            loseLine()
        }
    }

    /// Gives up the connection; the node dials anew until it has another.
    func loseLine() {
        guard let line else { return }
        line.close()
        self.line = nil
        broker.disconnected()
        dialLater()
    }

    /// Cuts the node off from the hub, without telling either, or heals that.
    func partition(_ isCutOff: Bool) {
        isPartitioned = isCutOff
        line?.hold(isCutOff)
    }

    /// Looks after calls that got no answer: a connection with such a call is given up.
    private func tick() {
        timeline.after(500) { [self] in
            guard isAlive else { return }
            let expired = broker.expire()
            for _ in 0..<expired { hub.counts.count(.expiredCall) }
            if expired > 0, timeline.dice.oneIn(2) { loseLine() }
            broker.keepUp()
            tick()
        }
    }

    // MARK: What the node says

    /// Does what the node asked of the world around it, and returns what is for clients.
    func collectMail() -> [Mailbox.Parcel] {
        mailbox.empty().filter { parcel in
            switch parcel {
            case .call(let call): line?.send(call)
            case .wait(let continuation): wait(continuation)
            case .frames, .closed, .page, .members, .overflow: return true
            }
            return false
        }
    }

    private func wait(_ continuation: CheckedContinuation<Void, Never>) {
        guard timeline.dice.oneIn(3) else { return continuation.resume() }
        waitLast += 1
        let number = waitLast
        waiting.append(Wait(number: number, continuation: continuation))
        timeline.after(timeline.dice.within(1...30)) { [self] in
            guard let place = waiting.firstIndex(where: { $0.number == number }) else {
                return
            }
            waiting.remove(at: place).continuation.resume()
        }
    }

    // MARK: The end

    /// Dies at once: all that it knew is gone, and nobody hears a word of it any more.
    func crash() {
        isAlive = false
        line?.close()
        line = nil
        // Nothing leaves any more; this only lets go of the memory.
        for (outlet, loop) in zip(outlets, loops) {
            loop.post { outlet.assumeIsolated { $0.closeAll() } }
        }
        repeat {
            broker.close()
            for wait in exchange(&waiting, with: []) { wait.continuation.resume() }
            timeline.exhaust(loops)
            for case .wait(let continuation) in mailbox.empty() { continuation.resume() }
        } while timeline.hasItems(loops)
        timeline.remove(loops)
    }
}
