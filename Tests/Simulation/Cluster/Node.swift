import Engine
import TestSupport

/// One process of the cluster, from its start to its end: loops, rooms, sessions, and its way to what
/// the nodes share.
final class Node {
    let number: Int
    let loops: [ManualLoop]
    let outlets: [SimulatedOutlet]
    let reception: Reception
    let community: Community
    let bridge: any Bridge
    let mailbox = Mailbox()
    /// How far the wall clock is from the true time.
    let skew = ManualClock(0)
    private(set) var isAlive = true
    private let timeline: Timeline
    private var waiting: [Wait] = []
    private var waitLast = 0

    private struct Wait {
        let number: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    init(number: Int, id: Int, on timeline: Timeline, core: any Core, mutant: Mutant?) {
        self.number = number
        self.timeline = timeline
        let (mailbox, clock, skew) = (mailbox, timeline.clock, skew)
        let now: @Sendable () -> Int64 = { clock.nowMs + skew.nowMs }
        loops = (0..<2).map { _ in timeline.addLoop() }
        outlets = loops.enumerated().map {
            SimulatedOutlet(index: $0, loop: $1, mailbox: mailbox, mutant: mutant)
        }
        bridge = core.bridge(of: id, loops: loops, mailbox: mailbox, now: now)
        let broker = bridge.broker
        reception = Reception(loop: loops[0], broker: broker, mailbox: mailbox, mutant: mutant)
        community = Community(
            rooms: Rooms(broker: broker, outlets: outlets, now: now),
            directory: SimulatedDirectory(mailbox: mailbox), authenticator: NoAuthenticator(),
            store: InMemoryStore(now: now), limits: SessionLimits(unacknowledgedMax: 8), now: now)
        bridge.begin()
    }

    /// Runs on one of the node's loops, after what was posted there before.
    func post(to loop: Int, _ work: @escaping @Sendable (isolated SimulatedOutlet) -> Void) {
        let outlet = outlets[loop]
        loops[loop].post { outlet.assumeIsolated(work) }
    }

    // MARK: What the node says

    /// Does what the node asked of the world around it, and returns what is for clients.
    func collectMail() -> [Mailbox.Parcel] {
        mailbox.empty().filter { parcel in
            switch parcel {
            case .call, .wire: bridge.take(parcel)
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
        bridge.hangUp()
        // Nothing leaves any more; this only lets go of the memory.
        for (outlet, loop) in zip(outlets, loops) {
            loop.post { outlet.assumeIsolated { $0.closeAll() } }
        }
        repeat {
            bridge.release()
            for wait in exchange(&waiting, with: []) { wait.continuation.resume() }
            timeline.exhaust(loops)
            for case .wait(let continuation) in mailbox.empty() { continuation.resume() }
        } while timeline.hasItems(loops)
        timeline.remove(loops)
    }
}
