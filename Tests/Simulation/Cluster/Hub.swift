import Engine

/// What the nodes share: the logs of all streams, as one server keeps them. Its clients are the
/// nodes' lines.
///
/// Appends are committed in groups, one group at a time: a commit takes its time, fails, or is cut
/// short by a crash, and only what it has stored is announced and answered.
final class Hub {
    /// An append that waits for a commit, and the line that hears of it.
    struct Waiting {
        let line: HubLine
        let number: UInt64
        let draft: Draft
        let stream: StreamName
        let retention: Retention
    }

    let timeline: Timeline
    let weather: Weather
    let counts: FaultCounter
    let mutant: Mutant?
    private(set) var isUp = true
    /// Refuses everything while up, as a server does that can't write or is loading its data.
    var isRefusing = false
    /// Until when commits stand still.
    var stallsUntilMs: Int64 = 0

    /// Durable streams, as they are now.
    private(set) var streams: [StreamName: HubStream] = [:]
    /// Streams that only pass through, in the order they came; gone with the process.
    private var passing: [StreamName: HubStream] = [:]
    /// Every durable stream's lives before the present one.
    private var lost: [StreamName: [HubStream]] = [:]
    private(set) var presence: HubPresence
    private var lines: [HubLine] = []
    private var waiting: [Waiting] = []
    private var isCommitting = false
    private var life = 0
    private var epoch = Epoch(rawValue: 0x100)
    private var passingEpoch = Epoch(rawValue: 0x10_0000)

    init(_ timeline: Timeline, weather: Weather, counts: FaultCounter, mutant: Mutant?) {
        self.timeline = timeline
        self.weather = weather
        self.counts = counts
        self.mutant = mutant
        presence = HubPresence(mutant: mutant)
        watchLeases()
    }

    // MARK: Lines

    /// Takes in a node's line, if the hub is up.
    func accept(_ line: HubLine) -> Bool {
        guard isUp else { return false }
        lines.append(line)
        return true
    }

    func drop(_ line: HubLine) {
        lines.removeAll { $0 === line }
    }

    /// Streams that some line is subscribed to, once for each.
    var subscriptionCount: Int { lines.reduce(0) { $0 + $1.subscribed.count } }

    // MARK: Requests

    func take(_ call: HubCall, from line: HubLine) {
        guard isUp, lines.contains(where: { $0 === line }) else { return }
        if case .unsubscribe = call.request {
            // Costs nothing, and is never refused.
        } else if isRefusing {
            return line.reply(call.number, .failed(.unavailable("the hub refuses")))
        }
        presence.sees(line.nodeID, atMs: timeline.nowMs)
        perform(call.request, call.number, from: line)
    }

    private func perform(_ request: HubRequest, _ number: UInt64, from line: HubLine) {
        switch request {
        case .subscribe(let name):
            line.subscribed.insert(name)
            line.reply(number, .done)
        case .unsubscribe(let name):
            line.subscribed.remove(name)
            counts.count(.letGo)
        case .append(let draft, let name, let retention):
            let append = Waiting(
                line: line, number: number, draft: draft, stream: name, retention: retention)
            if retention.countMax == 0 { return passThrough(append) }
            waiting.append(append)
            if !isCommitting { commit() }
        case .read(let name, let offset, let limit, let retention):
            let stream = stream(name, keeping: retention)
            line.reply(number, .page(stream.page(after: offset, atMost: limit, keeping: retention)))
        case .tops(let names, let retention):
            line.reply(number, .tops(names.map { stream($0, keeping: retention).summary }))
        case .attendance(let name):
            let position = stream(name, keeping: .nothing).topPosition
            let members = presence.members(of: name)
            line.reply(number, .attendance(Attendance(members: members, position: position)))
        case .enter, .leave, .claim:
            announce(presence.take(request, from: line.nodeID))
            line.reply(number, .done)
        case .renew:
            let isKnown = presence.knows(line.nodeID)
            line.reply(number, isKnown ? .done : .failed(.unavailable("no such node")))
        }
    }

    private func stream(_ name: StreamName, keeping retention: Retention) -> HubStream {
        retention.countMax == 0
            ? passing[name] ?? HubStream(name: name, epoch: passingEpoch)
            : streams[name] ?? HubStream(name: name, epoch: epoch)
    }

    private func passThrough(_ append: Waiting) {
        let position = passThrough(append.draft, append.stream)
        append.line.reply(
            append.number, .appended(Appended(position: position, isDuplicate: false)))
    }

    private func passThrough(_ draft: Draft, _ name: StreamName) -> Position {
        var stream = stream(name, keeping: .nothing)
        let publication = Publication(draft, offset: stream.top + 1)
        stream.store(publication, key: nil, keeping: .nothing)
        passing[name] = stream
        announce(publication, of: stream)
        return stream.topPosition
    }

    private func announce(_ events: [HubPresence.Event]) {
        for event in events {
            _ = passThrough(
                event.change.draft(of: event.member, atMs: timeline.nowMs), event.stream)
        }
    }

    /// Ends the claims of nodes that have not been heard of for too long; every now and then.
    func watchLeases() {
        timeline.after(500) { [self] in
            if isUp { announce(presence.expire(atMs: timeline.nowMs)) }
            watchLeases()
        }
    }

    // MARK: Commits

    /// One append of a commit under way, as it will be if the commit succeeds.
    private struct Staged {
        let append: Waiting
        /// Nil for a duplicate.
        let publication: Publication?
        let appended: Appended
    }

    private func commit() {
        guard !waiting.isEmpty else { return }
        isCommitting = true
        let life = life
        let staged = stage(exchange(&waiting, with: []))
        if mutant == .announcesBeforeCommit { announce(staged) }
        if mutant == .answersBeforeCommit { answer(staged) }
        var durationMs = timeline.dice.within(0...3)
        if weather.isRaging, timeline.dice.perMille(weather.stalledCommits) {
            counts.count(.stalledCommit)
            durationMs += timeline.dice.within(50...2_500)
        }
        durationMs += max(0, stallsUntilMs - timeline.nowMs)
        timeline.after(durationMs) { [self] in
            guard self.life == life else { return }
            isCommitting = false
            finish(staged)
            commit()
        }
        inFlight = staged
    }

    /// What a crash during the commit may find stored.
    private var inFlight: [Staged] = []

    private func finish(_ staged: [Staged]) {
        inFlight = []
        if weather.isRaging, timeline.dice.perMille(weather.failedCommits) {
            counts.count(.failedCommit)
            for one in staged {
                one.append.line.reply(
                    one.append.number, .failed(.unavailable("the commit failed")))
            }
            return
        }
        store(staged)
        if mutant != .announcesBeforeCommit { announce(staged) }
        if mutant != .answersBeforeCommit { answer(staged) }
    }

    private func stage(_ appends: [Waiting]) -> [Staged] {
        var tops: [StreamName: UInt64] = [:]
        var keys: [StreamName: [HubStream.Key: UInt64]] = [:]
        return appends.map { append in
            let stream = stream(append.stream, keeping: append.retention)
            let key = append.key
            if let key, let first = stream.offset(of: key) ?? keys[append.stream]?[key] {
                let position = Position(epoch: stream.epoch, offset: first)
                return Staged(
                    append: append, publication: nil,
                    appended: Appended(position: position, isDuplicate: true))
            }
            let offset = (tops[append.stream] ?? stream.top) + 1
            tops[append.stream] = offset
            if let key { keys[append.stream, default: [:]][key] = offset }
            return Staged(
                append: append, publication: Publication(append.draft, offset: offset),
                appended: Appended(
                    position: Position(epoch: stream.epoch, offset: offset), isDuplicate: false))
        }
    }

    private func store(_ staged: [Staged]) {
        for one in staged {
            guard let publication = one.publication else { continue }
            let name = one.append.stream
            streams[name, default: HubStream(name: name, epoch: epoch)].store(
                publication, key: one.append.key, keeping: one.append.retention)
        }
    }

    private func announce(_ staged: [Staged]) {
        for one in staged {
            guard let publication = one.publication else { continue }
            announce(publication, of: stream(one.append.stream, keeping: one.append.retention))
        }
    }

    private func answer(_ staged: [Staged]) {
        for one in staged { one.append.line.reply(one.append.number, .appended(one.appended)) }
    }

    private func announce(_ publication: Publication, of stream: HubStream) {
        let announcement = Announcement(
            stream: stream.name, epoch: stream.epoch, publications: [publication])
        for line in lines where line.subscribed.contains(stream.name) {
            line.announce(announcement)
        }
    }

    // MARK: Crashes

    /// Dies with everything that is not durable; a commit under way is stored or not.
    func crash() {
        isUp = false
        life += 1
        if timeline.dice.oneIn(2) { store(inFlight) }
        inFlight = []
        waiting = []
        isCommitting = false
        passing = [:]
        presence = HubPresence(mutant: mutant)
        passingEpoch = Epoch(rawValue: passingEpoch.rawValue + 1)
        for line in exchange(&lines, with: []) { line.end() }
    }

    /// Comes back with what is durable.
    func restart() {
        isUp = true
        isRefusing = false
        switch mutant {
        case .forgetsKeysAtRestart:
            for name in RoomSpec.all.map(\.stream) { streams[name]?.forgetKeys() }
        case .reusesOffsetsAfterFailover:
            for name in RoomSpec.all.map(\.stream) { streams[name]?.lose(newest: 2) }
        default:
            break
        }
    }

    /// Comes back with nothing: the data is gone, and the streams begin a new life.
    func restartEmpty() {
        isUp = true
        isRefusing = false
        for room in RoomSpec.all {
            guard let stream = streams[room.stream] else { continue }
            lost[room.stream, default: []].append(stream)
        }
        streams = [:]
        if mutant != .keepsEpochOfLostData { epoch = Epoch(rawValue: epoch.rawValue + 1) }
    }

    // MARK: What the verdict asks

    /// A kept stream as it is now, or as it was in the end of an earlier life.
    func durable(_ name: StreamName, in epoch: Epoch) -> HubStream? {
        if let stream = streams[name], stream.epoch == epoch { return stream }
        return lost[name]?.last { $0.epoch == epoch }
    }

    /// Where a stream ends now.
    func top(of room: RoomSpec) -> Position {
        stream(room.stream, keeping: room.policy.retention).topPosition
    }

    /// The epoch that a stream is in now.
    func epoch(of room: RoomSpec) -> Epoch { room.isKept ? epoch : passingEpoch }

    /// Every life of a kept stream, the present one last.
    func lives(of name: StreamName) -> [HubStream] {
        lost[name, default: []] + (streams[name].map { [$0] } ?? [])
    }
}

extension Hub.Waiting {
    fileprivate var key: HubStream.Key? {
        draft.idempotencyKey.map { HubStream.Key(sender: draft.sender, text: $0) }
    }
}
