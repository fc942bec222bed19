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

    static let flags = [
        Flag("port", "PORT", "Where to listen on 127.0.0.1; 0 takes a free one. [0]"),
        Flag("rooms", "N", "How many rooms there are. [1]"),
        Flag("members", "M", "Connections of each; sending begins when all are there. [1000]"),
        Flag("rate", "R", "Messages a second, all rooms together. [20]"),
        Flag("size", "BYTES", "A whole frame on the wire. [400]"),
        Flag("duration", "TIME", "How long to send. [10s]"),
        Flag("joined", "Send what one tick produced for a member in one piece."),
    ]

    init(_ values: FlagValues) throws(FlagError) {
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
