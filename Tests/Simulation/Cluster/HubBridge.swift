import Engine
import TestSupport

/// A node's connection to the hub: dials until there is one, and gives it up when answers stay away.
final class HubBridge: Bridge {
    private let id: Int
    private let hub: Hub
    private let timeline: Timeline
    private let loop: ManualLoop
    private let hubBroker: SimulatedBroker
    private var line: HubLine?
    private var isPartitioned = false
    private var isAlive = true

    init(of id: Int, to hub: Hub, loop: ManualLoop, mailbox: Mailbox) {
        self.id = id
        self.hub = hub
        timeline = hub.timeline
        self.loop = loop
        let clock = timeline.clock
        hubBroker = SimulatedBroker(mailbox, nowMs: { clock.nowMs }, mutant: hub.mutant)
    }

    var broker: any Broker { hubBroker }

    func begin() {
        dial()
        tick()
    }

    private func dial() {
        guard isAlive, line == nil else { return }
        let line = HubLine(to: hub, nodeID: id) { [self] heard in hear(heard) }
        guard !isPartitioned, hub.accept(line) else { return dialLater() }
        self.line = line
        hubBroker.connected()
    }

    private func dialLater() {
        timeline.after(timeline.dice.within(50...600)) { [self] in dial() }
    }

    private func hear(_ heard: HubLine.Heard) {
        guard isAlive else { return }
        switch heard {
        case .reply(let number, let reply):
            hubBroker.complete(number, reply)
        case .announcement(let announcement):
            if hub.weather.announcesOnLoop {
                loop.post { [hubBroker] in hubBroker.hear(announcement) }
            } else {
                hubBroker.hear(announcement)
            }
        case .end:
            lose()
        }
    }

    func take(_ parcel: Mailbox.Parcel) {
        guard case .call(let call) = parcel else {
            preconditionFailure("a hub is asked by calls")
        }
        line?.send(call)
    }

    /// Gives up the connection; the node dials anew until it has another.
    func lose() {
        guard let line else { return }
        line.close()
        self.line = nil
        hubBroker.disconnected()
        dialLater()
    }

    func partition(_ isCutOff: Bool) {
        isPartitioned = isCutOff
        line?.hold(isCutOff)
    }

    /// Looks after calls that got no answer: a connection with such a call is given up.
    private func tick() {
        timeline.after(500) { [self] in
            guard isAlive else { return }
            let expired = hubBroker.expire()
            for _ in 0..<expired { hub.counts.count(.expiredCall) }
            if expired > 0, timeline.dice.oneIn(2) { lose() }
            hubBroker.keepUp()
            tick()
        }
    }

    func hangUp() {
        isAlive = false
        line?.close()
        line = nil
    }

    func release() {
        hubBroker.close()
    }

    var leftovers: [String] {
        let left = hubBroker.leftovers
        return left == (0, 0) ? [] : ["\(left)"]
    }
}

extension Hub: Core {
    func bridge(
        of id: Int, loops: [ManualLoop], mailbox: Mailbox, now: @escaping @Sendable () -> Int64
    ) -> any Bridge {
        HubBridge(of: id, to: self, loop: loops[0], mailbox: mailbox)
    }

    func stall(forMs durationMs: Int64) {
        stallsUntilMs = timeline.nowMs + durationMs
    }

    var leftovers: [String] { subscriptionCount == 0 ? [] : ["subscriptions"] }
}
