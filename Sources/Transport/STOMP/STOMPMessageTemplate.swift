/// The MESSAGE frames of one kind of subscription: what is the same in each of them is made once.
struct STOMPMessageTemplate: Sendable {
    /// From the command to the colon inside `message-id`.
    private let beginning: [UInt8]
    /// The line end and the header `position` up to the colon inside its value; the same for `ack`
    /// where messages carry it.
    private let positions: [[UInt8]]
    private let coding: STOMPHeaderCoding

    /// Digits of a number in decimal, with its sign.
    private static let digitsMax = 20
    /// The names of the headers below, their colons and line ends, and the NUL.
    private static let fixedBytes = 64

    /// `epoch` is that of the stream's positions. `ack` is for 1.2 alone, and names one message of one
    /// subscription: `{subscription id}:{position}`. The versions before acknowledge by
    /// `message-id`.
    init(
        subscription: String, destination: String, epoch: UInt64, isAcknowledged: Bool,
        version: STOMPVersion
    ) {
        coding = STOMPHeaderCoding(.message, in: version)
        let colon = coding.escapes ? "\\c" : ":"
        let epoch = String(epoch, radix: 16) + colon
        var writer = STOMPHeaderWriter(appendingTo: [], coding: coding)
        writer.begin(.message)
        writer.add("subscription", .text(subscription))
        writer.add("destination", .text(destination))
        beginning = writer.bytes + Array("message-id:\(epoch)".utf8)
        var positions = [Array("\nposition:\(epoch)".utf8)]
        if isAcknowledged, version == .v12 {
            var ack = Array("\nack:".utf8)
            coding.append(subscription.utf8.span, isName: false, to: &ack)
            positions.append(ack + Array((colon + epoch).utf8))
        }
        self.positions = positions
    }

    /// Appends one frame. An empty `contentType` is left out.
    func write(
        offset: UInt64, timestampMs: Int64, sender: Int64, contentType: String, body: [UInt8],
        into out: inout [UInt8]
    ) {
        let type = contentType.utf8.span
        let isTypePlain = !STOMPBytes.holdsSpecials(type)
        // A byte is escaped by two at most.
        let countMax =
            beginning.count &+ positions.reduce(0) { $0 &+ $1.count } &+ 2 &* type.count
            &+ (positions.count &+ 4) &* Self.digitsMax &+ Self.fixedBytes &+ body.count
        ByteWriter.append(atMost: countMax, to: &out) { writer in
            writer.write(beginning.span)
            writer.write(decimal: offset)
            for position in positions {
                writer.write(position.span)
                writer.write(decimal: offset)
            }
            writer.write("\ntimestamp:")
            writer.write(decimal: timestampMs)
            writer.write("\nsender:")
            writer.write(decimal: sender)
            if !type.isEmpty {
                writer.write("\ncontent-type:")
                if isTypePlain {
                    writer.write(type)
                } else {
                    var escaped: [UInt8] = []
                    coding.append(type, isName: false, to: &escaped)
                    writer.write(escaped.span)
                }
            }
            writer.write("\ncontent-length:")
            writer.write(decimal: Int64(body.count))
            writer.write("\n\n")
            writer.write(body.span)
            writer.write(0)
        }
    }
}
