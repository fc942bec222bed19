/// One direction of a connection: what is sent arrives later, in the order in which it was sent.
///
/// A held link lets nothing through until it is let go; a cut one loses what is on its way.
final class Link {
    private let timeline: Timeline
    private let latencyMs: ClosedRange<Int64>
    private var onItsWay: [() -> Void] = []
    /// Cut off from what was sent before.
    private var life = 0
    /// When the last thing sent is due: nothing overtakes it.
    private var lastDueMs: Int64 = 0
    private var isHeld = false
    /// What would have arrived while the link was held.
    private var arrears = 0

    init(_ timeline: Timeline, latencyMs: ClosedRange<Int64>) {
        self.timeline = timeline
        self.latencyMs = latencyMs
        timeline.links.append(self)
    }

    /// Lets `arrival` happen at the other end.
    func send(_ arrival: @escaping () -> Void) {
        onItsWay.append(arrival)
        let dueMs = max(lastDueMs, timeline.nowMs + timeline.dice.within(latencyMs))
        lastDueMs = dueMs
        let life = life
        timeline.after(dueMs - timeline.nowMs) { [self] in
            guard self.life == life else { return }
            arrive()
        }
    }

    /// Loses everything on its way.
    func cut() {
        life += 1
        onItsWay = []
        arrears = 0
    }

    /// Stops or goes on; what was due meanwhile arrives when it goes on.
    func hold(_ isHeld: Bool) {
        self.isHeld = isHeld
        // What arrives may cut the link, or hold it again.
        while !self.isHeld, arrears > 0 {
            arrears -= 1
            arrive()
        }
    }

    private func arrive() {
        if isHeld {
            arrears += 1
        } else {
            onItsWay.removeFirst()()
        }
    }
}
