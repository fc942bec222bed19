import Engine

/// A client's connection to a node.
final class ClientLine {
    let node: Node
    let slot: UInt32
    /// Nil once the client has given the connection up.
    private(set) var client: Client?
    private let timeline: Timeline
    private let loop: Int
    private let up: Link
    private let down: Link
    /// Whether the client takes its time to read.
    private let isSlow: Bool
    private(set) var isOpen = true
    /// What has arrived at the client, which reads it in order.
    private var unread: [Arrival] = []
    private var isReading = false

    private enum Arrival {
        case frame(Frame)
        case end
    }

    init(
        of client: Client, to node: Node, slot: UInt32, on timeline: Timeline,
        latencyMs: ClosedRange<Int64>
    ) {
        self.client = client
        self.node = node
        self.slot = slot
        self.timeline = timeline
        loop = timeline.dice.below(node.outlets.count)
        up = Link(timeline, latencyMs: latencyMs)
        down = Link(timeline, latencyMs: latencyMs)
        isSlow = client.habits.readMsPerKilobyte != nil
        let (identity, community) = (client.identity, node.community)
        let windowBytes: Int? = isSlow ? 16 * 1024 : nil
        node.post(to: loop) {
            $0.open(slot, identity, in: community, windowBytes: windowBytes)
        }
    }

    // MARK: The client's end

    func send(_ request: Request) {
        up.send { [self] in
            guard isOpen, node.isAlive else { return }
            node.post(to: loop) { [slot] in $0.receive(request, at: slot) }
        }
    }

    /// The client is gone without a word; the node finds out when nothing comes for long enough.
    func abandon(noticedAfterMs delayMs: Int64) {
        client = nil
        down.cut()
        timeline.after(delayMs) { [self] in shut() }
    }

    /// Stops both ways, or lets them go on.
    func hold(_ isHeld: Bool) {
        up.hold(isHeld)
        down.hold(isHeld)
    }

    private func shut() {
        guard isOpen else { return }
        isOpen = false
        up.cut()
        guard node.isAlive else { return }
        node.post(to: loop) { [slot] in $0.close(slot) }
    }

    // MARK: The node's end

    /// Takes in what the node sent.
    func deliver(_ frames: [Frame]) {
        down.send { [self] in
            unread += frames.map { .frame($0) }
            read()
        }
    }

    /// The node has closed the connection, or is dead: the client hears of it.
    func end() {
        isOpen = false
        up.cut()
        down.send { [self] in
            unread.append(.end)
            read()
        }
    }

    private func read() {
        while !isReading, !unread.isEmpty {
            switch unread.removeFirst() {
            case .end:
                client?.lineEnded(self)
            case .frame(let frame):
                guard isSlow else {
                    client?.receive(frame, over: self)
                    continue
                }
                isReading = true
                let byteCount = frame.byteCount
                let delayMs = (client?.readMsPerKilobyte ?? 0) * Int64(byteCount) / 1_024
                timeline.after(delayMs) { [self] in finishReading(frame, byteCount) }
            }
        }
    }

    private func finishReading(_ frame: Frame, _ byteCount: Int) {
        isReading = false
        client?.receive(frame, over: self)
        if node.isAlive, isOpen {
            node.post(to: loop) { [slot] in $0.taken(byteCount, at: slot) }
        }
        read()
    }
}
