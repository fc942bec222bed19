/// Finds announcements that got lost before a silence, which no later one reveals: it compares what
/// the rooms of one loop have heard with where their streams stand, all of them in one go, every
/// 900 ms.
///
/// Pinned to the loop of its rooms. There is none where the broker can't lose announcements.
actor TopWatch {
    nonisolated let loop: any Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let broker: any Broker
    /// In the order in which they came.
    private var rooms: [Room] = []
    private var isRunning = false

    /// What is not kept is lost for sure at the second look only: both within 2 s.
    static let intervalMs: Int64 = 900
    /// Where a stream stands doesn't depend on how much of it is kept.
    private static let anything = Retention(countMax: .max)

    init(of loop: any Loop, asking broker: any Broker) {
        self.loop = loop
        self.broker = broker
    }

    /// Looks after a room until it says that it follows its stream no more.
    func add(_ room: Room) {
        rooms.append(room)
        guard !isRunning else { return }
        isRunning = true
        scheduleLook()
    }

    private func scheduleLook() {
        loop.schedule(afterMs: Self.intervalMs) { [weak self] in
            self?.assumeIsolated { $0.startLook() }
        }
    }

    private func startLook() {
        Task { await look() }
    }

    /// The next look is scheduled when this one has come to its end: they never pile up.
    private func look() async {
        let followed = followedStreams()
        guard !rooms.isEmpty else {
            isRunning = false
            return
        }
        await compare(followed.filter { $0.isKept }, keeping: Self.anything)
        await compare(followed.filter { !$0.isKept }, keeping: .nothing)
        scheduleLook()
    }

    private func followedStreams() -> [FollowedStream] {
        rooms.removeAll { room in room.assumeIsolated { $0.leavesWatch() } }
        return rooms.compactMap { room in room.assumeIsolated { $0.followed } }
    }

    private func compare(_ followed: [FollowedStream], keeping retention: Retention) async {
        guard !followed.isEmpty else { return }
        do {
            let names = followed.map(\.room.name)
            compare(followed, with: try await broker.tops(of: names, keeping: retention))
        } catch {
            // An outage: the next look finds what was lost in it.
        }
    }

    private func compare(_ followed: [FollowedStream], with tops: [StreamTop]) {
        for (stream, top) in zip(followed, tops) {
            stream.room.assumeIsolated { $0.compare(top, attachment: stream.attachment) }
        }
    }
}

/// A stream as a room follows it.
struct FollowedStream: Sendable {
    let room: Room
    let attachment: UInt64
    let isKept: Bool
}

/// What the watch asks of the rooms on its loop.
extension Room {
    func joinWatch() {
        topSeen = 0
        guard let watch = rooms.watch(on: loop), !isOnTopWatch else { return }
        isOnTopWatch = true
        watch.assumeIsolated { $0.add(self) }
    }

    /// Whether the room follows no stream, and so leaves the watch.
    func leavesWatch() -> Bool {
        switch state {
        case .live, .repairing, .attaching: return false
        case .fresh, .closed:
            isOnTopWatch = false
            return true
        }
    }

    /// Nil where nobody waits for what was lost.
    var followed: FollowedStream? {
        guard case .live = state, !early.isEmpty || members.contains(where: { $0 > 0 }) else {
            return nil
        }
        return FollowedStream(
            room: self, attachment: attachment, isKept: policy.retention.countMax > 0)
    }

    /// Takes note of where the stream stood a moment ago, while the room was attached as it was then.
    func compare(_ top: StreamTop, attachment: UInt64) {
        guard attachment == self.attachment, case .live(let log) = state else { return }
        guard top.epoch == log.epoch else { return restart(waiting: []) }
        if policy.retention.countMax > 0 {
            guard top.top > log.delivered else { return }
            return startRepair(of: log, upTo: top.top)
        }
        // What isn't kept may be on its way still; where it hasn't come by the next look, it is lost.
        let expected = exchange(&topSeen, with: top.top)
        guard expected > log.delivered else { return }
        guard policy.isEphemeral else { return restart(waiting: []) }
        let notice = Publication(
            offset: expected, sender: .server, senderName: "",
            contentType: Self.missedContentType, body: [], timestampMs: rooms.now())
        accept([notice], log.epoch, attachment: attachment)
    }
}
