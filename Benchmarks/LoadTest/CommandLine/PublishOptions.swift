import Measure

/// What the command line of `loadtest publish` asks for.
struct PublishOptions: Sendable {
    let target: Target
    /// The ids of PetNexus chat rooms, used in turn; never empty.
    let rooms: [String]
    let connectionCount: Int
    let ratePerSecond: Int
    /// Nil: until SIGTERM.
    let durationUs: Int64?
    let journalPath: String
    let credentials: Credentials

    static let flags =
        [
            Flag("url", "URL", "The server: ws://127.0.0.1:8080/stomp/chat"),
            Flag("chat-room", "ID", "The PetNexus chat rooms to publish to, with commas between."),
            Flag("connections", "N", "How many to publish on. [1]"),
            Flag("rate", "R", "Messages a second, all connections together. [100]"),
            Flag("duration", "TIME", "When to stop; otherwise at SIGTERM."),
            Flag("journal", "FILE", "Where to note what was sent and what had a receipt."),
        ] + Credentials.flags

    init(_ values: FlagValues) throws(FlagError) {
        target = try Target(url: values.required("url"))
        let rooms = try values.required("chat-room").split(separator: ",").map(String.init)
        guard !rooms.isEmpty, rooms.allSatisfy({ !$0.contains(where: \.isWhitespace) }) else {
            throw .contradiction("--chat-room must name rooms, with commas between")
        }
        self.rooms = rooms
        connectionCount = try values.count("connections", in: 1...10_000) ?? 1
        ratePerSecond = try values.count("rate", in: 1...1_000_000) ?? 100
        durationUs = try values.durationUs("duration")
        journalPath = try values.required("journal")
        credentials = try Credentials(values)
    }
}
