import Engine
import TestSupport
import Transport

/// A Redis server, as the bridge's links see one: it answers commands one at a time, each connection
/// in its order, and passes on what is published to whoever is connected and subscribed then.
///
/// What it has performed is durable: a crash takes the connections with it, and brings another
/// replication id. A failover goes back to what the replica had.
final class SimulatedRedis {
    let timeline: Timeline
    let weather: Weather
    let counts: FaultCounter
    private(set) var isUp = true
    var isRefusing = false
    /// Whether it says that it is a replica.
    private var isReplica = false
    /// Until when it stands still, and what has come meanwhile.
    private var pausedUntilMs: Int64 = 0
    private var backlog: [(command: [[UInt8]], line: RedisLine)] = []
    private var isLoading = false
    private var replicationID: [UInt8]
    /// The names of the scripts it knows, by their digests.
    private var scripts: [[UInt8]: String] = [:]
    private var lines: [RedisLine] = []
    private var data = RedisDataSet()
    /// What a replica had some time ago, the newest last.
    private var copies: [RedisDataSet] = []
    /// Every kept stream's earlier lives, in the end of each.
    private var ended: [StreamName: [HubStream]] = [:]

    static let prefix = "petnexus:"

    init(_ timeline: Timeline, weather: Weather, counts: FaultCounter) {
        self.timeline = timeline
        self.weather = weather
        self.counts = counts
        replicationID = Array(String(timeline.dice.next(), radix: 16).utf8)
        copyLater()
    }

    /// Keeps some of the past.
    private func copyLater() {
        timeline.after(timeline.dice.within(100...1_000)) { [self] in
            guard weather.isRaging else { return copies = [] }
            copies.append(data)
            copies.removeFirst(max(0, copies.count - 4))
            copyLater()
        }
    }

    // MARK: Connections

    func accept(_ line: RedisLine) {
        guard isUp else { return line.deliver(.closed("connection refused")) }
        line.isAccepted = true
        lines.append(line)
        line.deliver(.opened)
    }

    func drop(_ line: RedisLine) {
        line.isAccepted = false
        line.channels = []
        lines.removeAll { $0 === line }
    }

    private func end(_ line: RedisLine, _ reason: String) {
        drop(line)
        line.end(reason)
    }

    // MARK: Commands

    func take(_ command: [[UInt8]], from line: RedisLine) {
        guard isUp, line.isAccepted else { return }
        if weather.isRaging, timeline.dice.perMille(weather.stalledCommits) {
            counts.count(.stalledCommit)
            stall(forMs: timeline.dice.within(50...2_500))
        }
        guard backlog.isEmpty, timeline.nowMs >= pausedUntilMs else {
            return backlog.append((command, line))
        }
        perform(command, from: line)
    }

    private func perform(_ command: [[UInt8]], from line: RedisLine) {
        switch String(decoding: command[0], as: UTF8.self) {
        case "SUBSCRIBE":
            for channel in command.dropFirst() { subscribe(line, to: channel) }
        case "UNSUBSCRIBE":
            unsubscribe(line, from: command[1])
        default:
            let reply = reply(to: command)
            if weather.isRaging, timeline.dice.perMille(weather.lostReplies) {
                counts.count(.lostReply)
                return end(line, "the connection broke")
            }
            line.deliver(.received(reply))
        }
    }

    private func subscribe(_ line: RedisLine, to channel: [UInt8]) {
        if !line.channels.contains(channel) { line.channels.append(channel) }
        confirm("subscribe", channel, line)
    }

    private func unsubscribe(_ line: RedisLine, from channel: [UInt8]) {
        line.channels.removeAll { $0 == channel }
        counts.count(.letGo)
        confirm("unsubscribe", channel, line)
    }

    private func confirm(_ kind: String, _ channel: [UInt8], _ line: RedisLine) {
        line.deliver(
            .received(
                .array([
                    .string(Array(kind.utf8)), .string(channel),
                    .integer(Int64(line.channels.count)),
                ])))
    }

    private func reply(to command: [[UInt8]]) -> RedisValue {
        switch String(decoding: command[0], as: UTF8.self) {
        case "INFO":
            let role = isReplica ? "slave" : "master"
            return .string(
                Array("role:\(role)\r\nmaster_replid:".utf8) + replicationID + Array("\r\n".utf8))
        case "EVAL":
            let source = String(decoding: command[1], as: UTF8.self)
            // The first line is a remark with the name.
            let name = source.prefix { $0 != "\n" }.dropFirst(3)
            scripts[Self.digest(of: command[1])] = String(name)
            return run(String(name), command)
        case "EVALSHA":
            guard let name = scripts[command[1]] else {
                return .error("NOSCRIPT No matching script. Please use EVAL.")
            }
            return run(name, command)
        default:
            preconditionFailure("links send no such command")
        }
    }

    private static func digest(of source: [UInt8]) -> [UInt8] {
        SHA1.hash(source).flatMap { byte in
            [byte >> 4, byte & 15].map { $0 < 10 ? 48 + $0 : 87 + $0 }
        }
    }

    private func run(_ name: String, _ command: [[UInt8]]) -> RedisValue {
        if isLoading { return .error("LOADING Redis is loading the dataset in memory") }
        guard let keyCount = Int(String(decoding: command[2], as: UTF8.self)) else {
            preconditionFailure("a script is sent with the number of its keys")
        }
        let keys = Array(command[3..<(3 + keyCount)])
        let arguments = Array(command[(3 + keyCount)...])
        if name == "probe" { return probe(arguments) }
        if isReplica {
            return .error("READONLY You can't write against a read only replica.")
        }
        let isFull = isRefusing || weather.isRaging && timeline.dice.perMille(weather.failedCommits)
        if isFull, RedisDataSet.needsMemory(name) {
            counts.count(.failedCommit)
            return .error("OOM command not allowed when used memory > 'maxmemory'.")
        }
        if name == "open" { endLife(before: arguments[0]) }
        let outcome = data.run(name, keys: keys, arguments: arguments, atMs: timeline.nowMs)
        for (channel, message) in outcome.messages { publish(message, to: channel) }
        return outcome.reply
    }

    private func probe(_ arguments: [[UInt8]]) -> RedisValue {
        publish(arguments[1], to: arguments[0])
        return .array([
            data.life.map { .string($0.id) } ?? .null,
            .string(Array((isReplica ? "slave" : "master").utf8)),
        ])
    }

    private func publish(_ message: [UInt8], to channel: [UInt8]) {
        for line in lines where line.channels.contains(channel) {
            if weather.isRaging, timeline.dice.below(10_000) < weather.lostAnnouncements {
                counts.count(.lostAnnouncement)
                end(line, "closed for the output buffer limits")
                continue
            }
            line.deliver(
                .received(
                    .array([.string(Array("message".utf8)), .string(channel), .string(message)])))
        }
    }

    // MARK: Faults

    func stall(forMs durationMs: Int64) {
        pausedUntilMs = max(pausedUntilMs, timeline.nowMs + durationMs)
        timeline.after(pausedUntilMs - timeline.nowMs) { [self] in catchUp() }
    }

    private func catchUp() {
        while !backlog.isEmpty, timeline.nowMs >= pausedUntilMs {
            let (command, line) = backlog.removeFirst()
            if line.isAccepted { perform(command, from: line) }
        }
    }

    func crash() {
        isUp = false
        backlog = []
        pausedUntilMs = 0
        scripts = [:]
        for line in exchange(&lines, with: []) { line.end("the server is gone") }
    }

    func restart() {
        isUp = true
        isRefusing = false
        isReplica = false
        replicationID = Array(String(timeline.dice.next(), radix: 16).utf8)
        isLoading = timeline.dice.oneIn(2)
        timeline.after(timeline.dice.within(0...1_500)) { [self] in isLoading = false }
    }

    func restartEmpty() {
        loseData()
        restart()
    }

    /// Loses everything while up.
    func loseData() {
        archive()
        data = RedisDataSet()
        copies = []
    }

    /// Comes back as a replica that had got less far.
    func restartFromReplica() {
        if !copies.isEmpty {
            archive()
            let place = timeline.dice.below(copies.count)
            data = copies[place]
            copies.removeLast(copies.count - place)
        }
        restart()
    }

    /// Becomes a replica for a while, and a primary again, under another replication id.
    func demote(forMs durationMs: Int64) {
        isReplica = true
        timeline.after(durationMs) { [self] in
            guard isUp, isReplica else { return }
            isReplica = false
            replicationID = Array(String(timeline.dice.next(), radix: 16).utf8)
        }
    }

    /// Closes somebody's connection for messages, with all that waits there.
    func overrun() {
        let subscribers = lines.filter { !$0.channels.isEmpty }
        if !subscribers.isEmpty { end(timeline.dice.pick(subscribers), "output buffer limits") }
    }

    func forgetScripts() {
        scripts = [:]
    }

    // MARK: Lives

    /// A link is about to begin another life where the replication id is another one.
    private func endLife(before replicationID: [UInt8]) {
        if let life = data.life, life.replicationID != replicationID { archive() }
    }

    /// Keeps the logs as they are now for the verdict, as the end of a life, unless they were kept
    /// before and went back.
    private func archive() {
        guard data.life != nil else { return }
        let epoch = data.epoch
        for room in RoomSpec.all where room.isKept {
            guard let stream = present(room.stream) else { continue }
            guard !ended[room.stream, default: []].contains(where: { $0.epoch == epoch }) else {
                continue
            }
            ended[room.stream, default: []].append(stream)
        }
    }

    private func present(_ name: StreamName) -> HubStream? {
        let key = Array("\(Self.prefix)log:{\(name.text)}".utf8)
        return data.logs[key].map { $0.stream.inEpoch(data.epoch) }
    }
}

extension SimulatedRedis: Core {
    func bridge(
        of id: Int, loops: [ManualLoop], mailbox: Mailbox, now: @escaping @Sendable () -> Int64
    ) -> any Bridge {
        RedisBridge(to: self, loops: loops, mailbox: mailbox, now: now)
    }

    func durable(_ name: StreamName, in epoch: Epoch) -> HubStream? {
        ended[name]?.last { $0.epoch == epoch }
            ?? present(name).flatMap { $0.epoch == epoch ? $0 : nil }
    }

    func top(of room: RoomSpec) -> Position {
        let epoch = epoch(of: room)
        guard !room.isKept else {
            return present(room.stream)?.topPosition ?? Position(epoch: epoch, offset: 0)
        }
        let stream = data.passing[RedisDataSet.passingKey(Array(room.stream.text.utf8))]
        return Position(epoch: epoch, offset: UInt64(stream?.top ?? 0))
    }

    func epoch(of room: RoomSpec) -> Epoch {
        guard !room.isKept else { return data.epoch }
        let stream = data.passing[RedisDataSet.passingKey(Array(room.stream.text.utf8))]
        return Epoch(rawValue: stream.flatMap { UInt64(data.text($0.epoch), radix: 16) } ?? 0)
    }

    func lives(of name: StreamName) -> [HubStream] {
        ended[name, default: []] + (present(name).map { [$0] } ?? [])
    }

    var leftovers: [String] {
        let probes = Array("\(Self.prefix)probe:".utf8)
        let channels = lines.flatMap(\.channels).filter { !$0.starts(with: probes) }
        return channels.map { "the channel \(data.text($0))" }
            + data.presence.members.map { "user \(data.text($0.claim.user)) in a room" }
    }
}
