import Measure

/// What `loadtest run` measures.
enum ScenarioName: String, CaseIterable, Sendable {
    /// One room that all connections are members of.
    case fanout
    /// Rooms of equal size.
    case chat
    /// Connections that subscribe and say nothing.
    case idle
    /// Connections that receive what the floor program sends.
    case sink

    /// Flags that say nothing in this scenario.
    var foreignFlags: [String] {
        let traffic = ["rate", "warmup", "size", "receipts", "destination-send"]
        switch self {
        case .fanout, .chat: return []
        case .idle: return traffic
        case .sink:
            return traffic + [
                "rooms", "duration", "destination-subscribe", "chat", "accounts", "login",
                "passcode", "token", "tokens-file", "pid",
            ]
        }
    }
}

/// Where members of a room send and subscribe: patterns with `{room}` for the room's number or id.
struct Destinations: Hashable, Sendable {
    /// The room's number or id.
    var name = ""
    let send: String
    let subscribe: String

    static let topics = Destinations(send: "/topic/load.{room}", subscribe: "/topic/load.{room}")
    static let chatRooms = Destinations(
        send: "/pub/chat/message/{room}", subscribe: "/sub/chat/{room}")

    /// The destinations of one room.
    func of(room: String) -> Destinations {
        Destinations(
            name: room, send: Template(send).text(room: room, client: 0),
            subscribe: Template(subscribe).text(room: room, client: 0))
    }
}

/// What the command line of `loadtest run` asks for.
struct RunOptions: Sendable {
    let target: Target
    let wire: Wire
    let scenario: ScenarioName
    let connectionCount: Int
    let roomCount: Int
    let ratePerSecond: Int
    let durationUs: Int64
    /// Traffic before the measuring begins; it is checked, but not timed.
    let warmupUs: Int64
    /// The text of a message; what the server or JSON puts around it is not counted.
    let textBytes: Int
    let wantsReceipts: Bool
    /// Whether rooms are PetNexus chat rooms, made through REST; otherwise they are names.
    let usesChatRooms: Bool
    let destinations: Destinations
    let credentials: Credentials
    /// The server's process, to measure what it uses.
    let serverPID: Int32?
    let jsonPath: String?
    /// Whether lost messages and the like leave the exit status alone.
    let isTolerant: Bool

    static let flags =
        [
            Flag("url", "URL", "The server: ws://127.0.0.1:8080/stomp/chat"),
            Flag("protocol", "NAME", "What ws:// means: stomp or websocket. [stomp]"),
            Flag("scenario", "NAME", "One of: fanout, chat, idle, sink."),
            Flag("connections", "N", "How many to open. [100]"),
            Flag("rooms", "N", "How many rooms they share. [fanout 1, others connections/10]"),
            Flag("rate", "R", "Messages a second, all rooms together. [10]"),
            Flag("duration", "TIME", "How long to measure. [30s]"),
            Flag("warmup", "TIME", "Traffic before that. [2s]"),
            Flag("size", "BYTES", "The text of a message. [200]"),
            Flag("receipts", "Ask for a receipt of each message, and time it."),
            Flag("destination-send", "PATTERN", "Where to send. [/topic/load.{room}]"),
            Flag("destination-subscribe", "PATTERN", "Where to listen. [/topic/load.{room}]"),
            Flag("chat", "Make PetNexus chat rooms through REST and use those."),
            Flag("accounts", "N", "Make N PetNexus accounts and sign in as those. [4 with --chat]"),
        ] + Credentials.flags + [
            Flag("pid", "PID", "The server's process: show its CPU time and memory."),
            Flag("json", "FILE", "Write the results there, too."),
            Flag("tolerant", "Exit with 0 even when messages were lost, doubled or refused."),
        ]

    init(_ values: FlagValues) throws(FlagError) {
        target = try Target(url: values.required("url"), schemes: Scheme.allCases)
        wire = try Self.wire(values, of: target)
        let name = try values.required("scenario")
        guard let scenario = ScenarioName(rawValue: name) else {
            throw .unusable(
                "--scenario", value: name, reason: "must be fanout, chat, idle or sink")
        }
        if let flag = scenario.foreignFlags.first(where: values.has) {
            throw .contradiction("--\(flag) means nothing to the scenario \(name)")
        }
        self.scenario = scenario
        connectionCount = try values.count("connections", in: 1...1_000_000) ?? 100
        let roomCount = try values.count("rooms", in: 1...1_000_000)
        self.roomCount =
            roomCount ?? (scenario == .fanout ? 1 : max(1, connectionCount / Self.roomSize))
        guard scenario != .fanout || self.roomCount == 1 else {
            throw .contradiction("fanout has one room; the scenario with many is chat")
        }
        guard connectionCount.isMultiple(of: self.roomCount) else {
            throw .contradiction("--connections must be a multiple of --rooms")
        }
        ratePerSecond = try values.count("rate", in: 1...1_000_000) ?? 10
        durationUs = try values.durationUs("duration") ?? 30_000_000
        guard durationUs > 0 else { throw .contradiction("--duration must be above zero") }
        warmupUs = try values.durationUs("warmup") ?? 2_000_000
        textBytes = try values.count("size", in: Stamp.bytesMax...60_000) ?? 200
        wantsReceipts = values.has("receipts")
        usesChatRooms = values.has("chat")
        let hasPatterns = values.has("destination-send") || values.has("destination-subscribe")
        guard !usesChatRooms || !hasPatterns else {
            throw .contradiction("--chat has destinations of its own")
        }
        destinations =
            usesChatRooms
            ? .chatRooms
            : Destinations(
                send: values.text("destination-send") ?? Destinations.topics.send,
                subscribe: values.text("destination-subscribe") ?? Destinations.topics.subscribe)
        credentials = try Self.credentials(values, usesChatRooms: usesChatRooms)
        serverPID = try values.count("pid", in: 1...Int(Int32.max)).map { Int32($0) }
        guard scenario != .idle || serverPID != nil else { throw .missingFlag("--pid") }
        jsonPath = values.text("json")
        isTolerant = values.has("tolerant")
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

    /// Members of a room where the command line does not say.
    private static let roomSize = 10

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
}
