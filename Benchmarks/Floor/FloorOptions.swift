import Measure

/// What the command line of `floor` asks for.
struct FloorOptions: Sendable {
    /// 0: any free one.
    let port: UInt16
    let roomCount: Int
    /// Of each room.
    let memberCount: Int
    /// All rooms together.
    let ratePerSecond: Int
    /// A whole frame on the wire, its head included.
    let frameBytes: Int
    let durationUs: Int64
    /// Whether everything of one tick leaves in one piece.
    let joinsTick: Bool
    /// Whether it passes on what members send, instead of sending by the clock.
    let relays: Bool

    static let flags = [
        Flag("port", "PORT", "Where to listen on 127.0.0.1; 0 takes a free one. [0]"),
        Flag("rooms", "N", "How many rooms there are. [1]"),
        Flag("members", "M", "Connections of each; sending begins when all are there. [1000]"),
        Flag("rate", "R", "Messages a second, all rooms together. [20]"),
        Flag("size", "BYTES", "A whole frame on the wire. [400]"),
        Flag("duration", "TIME", "How long to send. [10s]"),
        Flag("joined", "Send what one tick produced for a member in one piece."),
        Flag("relay", "Send what members send, to all with the same path, until it is ended."),
    ]

    /// The flags that say something of a schedule.
    private static let scheduleFlags = ["rooms", "members", "rate", "size", "duration"]

    init(_ values: FlagValues) throws(FlagError) {
        relays = values.has("relay")
        if relays, let flag = Self.scheduleFlags.first(where: values.has) {
            throw .contradiction("--\(flag) means nothing to a relay: its members say what is sent")
        }
        port = UInt16(try values.count("port", in: 0...65_535) ?? 0)
        roomCount = try values.count("rooms", in: 1...1_000_000) ?? 1
        memberCount = try values.count("members", in: 1...1_000_000) ?? 1_000
        ratePerSecond = try values.count("rate", in: 1...1_000_000) ?? 20
        // The head of a frame, and the stamp in it.
        frameBytes = try values.count("size", in: Stamp.bytesMax + 4...60_000) ?? 400
        durationUs = try values.durationUs("duration") ?? 10_000_000
        joinsTick = values.has("joined")
    }
}
