/// What a measured message says of itself, as ASCII at the start of its text, so that it survives
/// JSON: `~lt:RUN:ROOM:SENDER:SEQUENCE:MICROSECONDS;`.
public struct Stamp: Hashable, Sendable {
    /// Tells this run's messages from those of others in the same room.
    public let run: UInt32
    public let room: Int
    /// The sender's number within the room, from 0.
    public let sender: Int
    /// From 1, ascending for each sender in a room.
    public let sequence: Int64
    /// When the message was due.
    public let dueUs: Int64

    public init(run: UInt32, room: Int, sender: Int, sequence: Int64, dueUs: Int64) {
        self.run = run
        self.room = room
        self.sender = sender
        self.sequence = sequence
        self.dueUs = dueUs
    }

    private static let mark: StaticString = "~lt:"

    /// The longest stamp, in bytes. A text must have room for it.
    public static let bytesMax = 4 + 10 + 20 + 20 + 20 + 20 + 5

    /// The stamp, filled up with full stops to `byteCount` bytes where it is shorter.
    public func text(byteCount: Int) -> [UInt8] {
        var text = Array("\(Self.mark)\(run):\(room):\(sender):\(sequence):\(dueUs);".utf8)
        if text.count < byteCount {
            text.append(
                contentsOf: repeatElement(UInt8(ascii: "."), count: byteCount - text.count))
        }
        return text
    }

    /// Finds the first stamp anywhere in `body`; nil without one.
    public init?(in body: Span<UInt8>) {
        guard var index = Self.endOfMark(in: body),
            let run = Self.number(in: body, &index, upTo: UInt8(ascii: ":")),
            let room = Self.number(in: body, &index, upTo: UInt8(ascii: ":")),
            let sender = Self.number(in: body, &index, upTo: UInt8(ascii: ":")),
            let sequence = Self.number(in: body, &index, upTo: UInt8(ascii: ":")),
            let dueUs = Self.number(in: body, &index, upTo: UInt8(ascii: ";")),
            let run = UInt32(exactly: run)
        else { return nil }
        self.init(
            run: run, room: Int(room), sender: Int(sender), sequence: sequence, dueUs: dueUs)
    }

    /// The place behind the first mark.
    private static func endOfMark(in body: Span<UInt8>) -> Int? {
        var index = 0
        while index &+ 4 <= body.count {
            if body[index] == UInt8(ascii: "~"), body[index &+ 1] == UInt8(ascii: "l"),
                body[index &+ 2] == UInt8(ascii: "t"), body[index &+ 3] == UInt8(ascii: ":")
            {
                return index &+ 4
            }
            index &+= 1
        }
        return nil
    }

    /// Reads a decimal number and the byte that ends it. Numbers of more than 18 digits are none of
    /// ours.
    private static func number(
        in body: Span<UInt8>, _ index: inout Int, upTo end: UInt8
    ) -> Int64? {
        let start = index
        var value: Int64 = 0
        while index < body.count, body[index] != end {
            let digit = body[index] &- UInt8(ascii: "0")
            guard digit <= 9, index &- start < 18 else { return nil }
            value = value &* 10 &+ Int64(digit)
            index &+= 1
        }
        guard index < body.count, index > start else { return nil }
        index &+= 1
        return value
    }
}
