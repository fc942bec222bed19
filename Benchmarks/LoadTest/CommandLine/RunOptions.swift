import Foundation
import Measure

/// What the command line of `loadtest run` asks for.
struct RunOptions: Sendable {
    let nodes: Nodes
    /// What members of rooms speak.
    let wire: Wire
    let scenario: ScenarioName
    let connectionCount: Int
    let roomCount: Int
    let pace: Pace
    let durationUs: Int64
    /// Traffic before the measuring begins; it is checked, but not timed.
    let warmupUs: Int64
    /// How long a soak's client stays connected, on average.
    let stayUs: Int64
    /// What a soak's clients do by chance follows from it.
    let seed: UInt64
    /// Where a soak notes what was sent and what had a receipt; nil: nowhere.
    let journalPath: String?
    /// Whether what is behind a soak's server may go away and be replaced: who is turned away
    /// meanwhile, or told by `reset` or `gap` what is missing, has no reason to complain.
    let mayHaveOutages: Bool
    /// Messages of each room that a storm's clients miss.
    let missedCount: Int
    /// The text of a message; what the server or the body puts around it is not counted.
    let textBytes: Int
    let wantsReceipts: Bool
    /// Members of a room that read what they get; the others count it. 0: all read.
    let sampleCount: Int
    /// Whether rooms are PetNexus chat rooms, made through REST; otherwise they are names.
    let usesChatRooms: Bool
    let templates: RoomTemplates
    /// Nil: members publish themselves.
    let publishing: Publishing?
    let credentials: Credentials
    let connectHeaders: [DialogueTask.Header]
    let httpHeaders: [DialogueTask.Header]
    let rampUpUs: Int64
    let connectingMax: Int
    let sources: SourceAddresses
    /// The server's processes, to measure what they use; empty where they are unknown.
    let serverPIDs: [Int32]
    let jsonPath: String?
    let plotPath: String?
    /// Whether lost messages and the like leave the exit status alone.
    let isTolerant: Bool

    init(_ values: FlagValues) throws(FlagError) {
        nodes = try Nodes(values, of: "url", schemes: Scheme.allCases)
        scenario = try Self.scenario(values)
        wire = scenario == .sink ? .webSocket : try Self.wire(values, of: nodes.first)
        connectionCount = try values.count("connections", in: 1...1_000_000) ?? 100
        roomCount =
            try values.count("rooms", in: 1...1_000_000)
            ?? scenario.roomCount(connections: connectionCount)
        guard scenario != .fanout || roomCount == 1 else {
            throw .contradiction("fanout has one room; the scenario with many is chat")
        }
        guard scenario != .pairs || connectionCount == roomCount * 2 else {
            throw .contradiction("pairs are two to a room: --connections must be twice --rooms")
        }
        guard scenario != .soak || (connectionCount >= 2 && roomCount >= 2) else {
            throw .contradiction("a soak has two connections and two rooms at least")
        }
        guard scenario == .soak || connectionCount.isMultiple(of: roomCount) else {
            throw .contradiction("--connections must be a multiple of --rooms")
        }
        let isSteady = scenario == .storm || scenario == .soak
        pace = try Pace(values, usualRate: isSteady ? 100 : 10)
        guard !isSteady || pace.ratePerSecond != nil else {
            throw .contradiction("\(scenario) publishes at a --rate, which can't be max")
        }
        durationUs = try values.durationUs("duration") ?? 30_000_000
        guard durationUs > 0 else { throw .contradiction("--duration must be above zero") }
        warmupUs = try values.durationUs("warmup") ?? 2_000_000
        stayUs = try values.durationUs("stay") ?? 20_000_000
        guard stayUs > 0 else { throw .contradiction("--stay must be above zero") }
        seed =
            try values.count("seed", in: 0...Int.max).map { UInt64($0) }
            ?? .random(in: 0...UInt64(UInt32.max))
        journalPath = try Self.resultPath(values, "journal")
        mayHaveOutages = values.has("outages")
        missedCount = try values.count("missed", in: 0...10_000) ?? 20
        textBytes = try values.count("size", in: Stamp.bytesMax...60_000) ?? 200
        sampleCount = try values.count("sample", in: 0...1_000_000) ?? 0
        usesChatRooms = values.has("chat") || scenario == .soak
        var templates = try Self.templates(values, usesChatRooms: usesChatRooms)
        // A storm's publishers are none of those whom it takes away.
        publishing =
            try Publishing(values, membersSpeak: wire, roomCount: roomCount)
            ?? (scenario == .storm && wire.canPublish
                ? Publishing(to: nodes, wire: wire, roomCount: roomCount) : nil)
        if let publishing, publishing.wire == .post { templates.send = publishing.nodes.first.path }
        self.templates = templates
        let sendsBy = publishing?.wire ?? wire
        wantsReceipts = values.has("receipts") || scenario == .storm
        if wantsReceipts, !sendsBy.hasReceipts {
            throw .contradiction("\(sendsBy.rawValue) has no receipts")
        }
        if scenario != .idle, scenario != .sink, !sendsBy.canPublish {
            throw .missingFlag("--publish-url, without which nobody can publish,")
        }
        credentials = try Self.credentials(values, usesChatRooms: usesChatRooms)
        let lastRoom = String(roomCount - 1)
        try wire.check(
            credentials.texts + [
                (
                    "--destination-subscribe",
                    templates.subscribe.text(room: lastRoom, client: connectionCount - 1)
                )
            ])
        try sendsBy.check(
            credentials.texts + [
                ("--destination-send", templates.send.text(room: lastRoom, client: 0))
            ])
        connectHeaders = try Self.headers(values, "header")
        httpHeaders = try Self.headers(values, "http-header")
        rampUpUs = try values.durationUs("ramp-up") ?? 0
        connectingMax =
            try values.count("connecting-max", in: 1...100_000)
            ?? (isSteady ? 1_000 : 64)
        sources = try SourceAddresses(values)
        serverPIDs = try Self.pids(values)
        guard scenario != .idle || !serverPIDs.isEmpty else { throw .missingFlag("--pid") }
        jsonPath = try Self.resultPath(values, "json")
        plotPath = try Self.resultPath(values, "plot")
        isTolerant = values.has("tolerant")
    }

    /// The first of the nodes.
    var target: Target { nodes.first }

    /// A node's own process; empty where it is not known which that is.
    func pids(ofNode index: Int) -> [Int32] {
        serverPIDs.count == nodes.targets.count ? [serverPIDs[index]] : []
    }

    /// Connections of all kinds.
    var clientCount: Int { connectionCount + (publishing?.connectionCount ?? 0) }

    /// Whether positions end in offsets that go up by one, as those of STOMP's `position` header.
    var hasOffsets: Bool { wire == .stomp }

    /// What a picture of the run says below its title.
    var plotSubtitle: [String] {
        let names = nodes.targets.map { "\($0.scheme)://\($0.authority)" }.joined(separator: " ")
        return ["\(names), \(wire.rawValue), texts of \(textBytes) bytes"]
    }

    // MARK: Reading flags

    private static func scenario(_ values: FlagValues) throws(FlagError) -> ScenarioName {
        let name = try values.required("scenario")
        guard let scenario = ScenarioName(rawValue: name) else {
            throw .unusable("--scenario", value: name, reason: "must be \(ScenarioName.list)")
        }
        if let flag = scenario.foreignFlags.first(where: values.has) {
            throw .contradiction("--\(flag) means nothing to the scenario \(name)")
        }
        return scenario
    }

    /// The URL's scheme chooses, and the flag where that leaves a choice.
    private static func wire(_ values: FlagValues, of target: Target) throws(FlagError) -> Wire {
        let wires = target.scheme.wires
        guard let name = values.text("protocol") else { return wires[0] }
        guard let wire = wires.first(where: { $0.rawValue == name }) else {
            let names = wires.map(\.rawValue).joined(separator: " or ")
            throw .unusable(
                "--protocol", value: name, reason: "must be \(names) for \(target.scheme)://")
        }
        return wire
    }

    private static func templates(
        _ values: FlagValues, usesChatRooms: Bool
    ) throws(FlagError) -> RoomTemplates {
        let own = ["destination-send", "destination-subscribe", "body", "content-type"]
        if usesChatRooms, let flag = own.first(where: values.has) {
            throw .contradiction("--chat has destinations and bodies of its own, no --\(flag)")
        }
        var templates = usesChatRooms ? RoomTemplates.chatRooms : .topics
        if let text = values.text("destination-send") { templates.send = Template(text) }
        if let text = values.text("destination-subscribe") { templates.subscribe = Template(text) }
        if let text = values.text("content-type") { templates.contentType = text }
        if let text = values.text("body") {
            guard text.contains("{text}") else {
                throw .unusable("--body", value: text, reason: "must have a place for {text}")
            }
            templates.body = text
        }
        return templates
    }

    private static func credentials(
        _ values: FlagValues, usesChatRooms: Bool
    ) throws(FlagError) -> Credentials {
        let given = try Credentials(values)
        let accountCount = try values.count("accounts", in: 1...1_000)
        switch (given, accountCount) {
        case (.nothing, let count?): return .accounts(count)
        case (.nothing, nil): return usesChatRooms ? .accounts(4) : .nothing
        case (_, nil): break
        case (_, _?): throw .contradiction("--accounts brings credentials of its own")
        }
        if usesChatRooms, case .login = given {
            throw .contradiction("--chat needs a token, to make rooms with")
        }
        return given
    }

    private static func headers(
        _ values: FlagValues, _ flag: String
    ) throws(FlagError) -> [DialogueTask.Header] {
        var headers: [DialogueTask.Header] = []
        for text in values.texts(flag) {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !text.contains(where: \.isNewline) else {
                throw .unusable("--" + flag, value: text, reason: "must be 'NAME: VALUE'")
            }
            headers.append(
                DialogueTask.Header(
                    name: String(parts[0]), value: String(parts[1].drop { $0 == " " })))
        }
        return headers
    }

    /// Where a file of results is to be written. A folder that is not there is told before the run,
    /// not after it.
    private static func resultPath(
        _ values: FlagValues, _ flag: String
    ) throws(FlagError) -> String? {
        guard let path = values.text(flag) else { return nil }
        let file = URL(filePath: path)
        let isThere = FileManager.default.fileExists(atPath: path)
        let judged = isThere ? file : file.deletingLastPathComponent()
        guard !file.hasDirectoryPath, FileManager.default.isWritableFile(atPath: judged.path) else {
            throw .unusable("--" + flag, value: path, reason: "can't be written")
        }
        return path
    }

    private static func pids(_ values: FlagValues) throws(FlagError) -> [Int32] {
        var pids: [Int32] = []
        // An empty one is what `pidof` says of a server that is not there.
        for text in values.texts("pid")
            .flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) })
        {
            guard let pid = Int32(text), pid > 0 else {
                throw .unusable("--pid", value: String(text), reason: "must be a process id")
            }
            pids.append(pid)
        }
        return pids
    }
}
