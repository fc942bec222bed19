/// Writes frames behind what an array holds, without temporaries.
///
/// Lines end in LF, which every version reads. Header values may hold anything: what would end a
/// line is escaped, or where the version has no escape written as a space.
public enum STOMPEncoder {
    /// The byte that is sent when there is nothing else to send (STOMP 1.2, Heart-beating).
    public static let heartBeat: UInt8 = UInt8(ascii: "\n")

    /// Writes any frame. `content-length` is written by the body's size, whatever the headers say of
    /// it.
    public static func encode(
        _ frame: STOMPFrame, version: STOMPVersion, into out: inout [UInt8]
    ) {
        precondition(
            frame.body.isEmpty || frame.command.mayHaveBody,
            "Only SEND, MESSAGE and ERROR frames have a body.")
        write(frame.command, version, into: &out, body: frame.body) { writer in
            writer.add(frame.headers)
            if frame.command == .message || !frame.body.isEmpty {
                writer.add("content-length", .number(Int64(frame.body.count)))
            }
        }
    }

    /// Writes a MESSAGE. `subscription` is nil for a 1.0 subscription without an `id`; `ack` is what
    /// a 1.2 client acknowledges the message by, and is left out for the versions before, which use
    /// `message-id`. `headers` adds headers of its own.
    public static func message(
        subscription: STOMPValue?, messageID: STOMPValue, destination: STOMPValue,
        contentType: STOMPValue? = nil, ack: STOMPValue? = nil, body: [UInt8],
        version: STOMPVersion, into out: inout [UInt8],
        headers: (inout STOMPHeaderWriter) -> Void = { _ in }
    ) {
        write(.message, version, into: &out, body: body) { writer in
            if let subscription { writer.add("subscription", subscription) }
            writer.add("message-id", messageID)
            writer.add("destination", destination)
            if let ack, version == .v12 { writer.add("ack", ack) }
            headers(&writer)
            if let contentType { writer.add("content-type", contentType) }
            writer.add("content-length", .number(Int64(body.count)))
        }
    }

    /// Writes a CONNECTED. 1.0 knows no heart-beats, so its frame tells of none. `node` says which of
    /// several servers it is.
    public static func connected(
        version: STOMPVersion, session: STOMPValue, heartBeat: HeartBeat, server: STOMPValue,
        userName: STOMPValue? = nil, node: STOMPValue? = nil, into out: inout [UInt8]
    ) {
        write(.connected, version, into: &out) { writer in
            writer.add("version", .text(version.text))
            if version > .v10 { writer.add("heart-beat", .text(heartBeat.text)) }
            writer.add("session", session)
            writer.add("server", server)
            if let userName { writer.add("user-name", userName) }
            if let node { writer.add("node", node) }
        }
    }

    /// Writes a RECEIPT for the frame whose `receipt` header said `id`.
    public static func receipt(
        id: STOMPValue, version: STOMPVersion, into out: inout [UInt8],
        headers: (inout STOMPHeaderWriter) -> Void = { _ in }
    ) {
        write(.receipt, version, into: &out) { writer in
            writer.add("receipt-id", id)
            headers(&writer)
        }
    }

    /// Writes an ERROR: a stable code for programs in `message`, and words for people as the body.
    /// `version` is 1.0 where none was agreed on: it escapes nothing, as CONNECTED doesn't.
    public static func error(
        code: STOMPValue, receiptID: STOMPValue? = nil, detail: String, version: STOMPVersion,
        into out: inout [UInt8], headers: (inout STOMPHeaderWriter) -> Void = { _ in }
    ) {
        let body = Array(detail.utf8)
        write(.error, version, into: &out, body: body) { writer in
            writer.add("message", code)
            if let receiptID { writer.add("receipt-id", receiptID) }
            headers(&writer)
            if !body.isEmpty {
                writer.add("content-type", "text/plain")
                writer.add("content-length", .number(Int64(body.count)))
            }
        }
    }

    private static func write(
        _ command: STOMPCommand, _ version: STOMPVersion, into out: inout [UInt8],
        body: [UInt8] = [], headers: (inout STOMPHeaderWriter) -> Void
    ) {
        var writer = STOMPHeaderWriter(
            appendingTo: exchange(&out, with: []), coding: STOMPHeaderCoding(command, in: version))
        writer.begin(command)
        headers(&writer)
        writer.finish(body: body)
        out = writer.bytes
    }
}
