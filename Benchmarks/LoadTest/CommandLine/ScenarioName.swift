/// What `loadtest run` measures.
enum ScenarioName: String, CaseIterable, Sendable {
    /// One room that all connections are members of.
    case fanout
    /// Rooms of equal size.
    case chat
    /// Rooms of two, both of whom send.
    case pairs
    /// Everybody's connection ends at once; all come back and resume.
    case storm
    /// Clients that come and go for long, while the server may be killed and come back.
    case soak
    /// Connections that subscribe and say nothing.
    case idle
    /// Event streams, published to from elsewhere.
    case sse
    /// Connections that receive what the floor program sends.
    case sink

    /// All of them for a sentence.
    static let list =
        allCases.dropLast().map(\.rawValue).joined(separator: ", ") + " or "
        + (allCases.last?.rawValue ?? "")

    private static let traffic = [
        "rate", "window", "warmup", "size", "body", "content-type", "receipts", "sample",
        "destination-send", "publish-url", "publishers",
    ]

    private static let soaking = ["seed", "stay", "journal", "outages"]

    /// Flags that say nothing in this scenario.
    var foreignFlags: [String] {
        switch self {
        case .fanout, .chat, .pairs: ["missed"] + Self.soaking
        case .sse: ["missed", "destination-subscribe"] + Self.soaking
        case .storm: ["duration", "warmup", "window", "sample"] + Self.soaking
        case .idle: Self.traffic + ["missed"] + Self.soaking
        case .soak:
            [
                "window", "warmup", "missed", "body", "content-type", "receipts", "sample",
                "destination-send", "destination-subscribe", "publish-url", "publishers",
                "protocol", "pid",
            ]
        case .sink:
            Self.traffic + Self.soaking + [
                "missed", "rooms", "duration", "protocol", "destination-subscribe", "chat",
                "accounts",
                "login", "passcode", "token", "tokens-file", "pid", "header",
            ]
        }
    }

    /// How many rooms there are where the command line does not say.
    func roomCount(connections: Int) -> Int {
        switch self {
        case .fanout, .sse: 1
        case .pairs: max(1, connections / 2)
        case .chat, .storm, .idle, .sink: max(1, connections / 10)
        case .soak: max(2, connections / 10)
        }
    }
}
