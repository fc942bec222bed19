/// The events of one kind of subscription: what is the same in each of them is made once.
struct EventTemplate: Sendable {
    private enum Kind {
        /// All have one name, and are what a client that comes back has seen: up to the colon inside
        /// `id`.
        case named(beginning: [UInt8])
        /// Each says its own name, in a parameter `event` of its content type.
        case namingThemselves
    }

    private let kind: Kind

    /// What an event is called that doesn't say.
    private static let nameDefault = "message"
    /// The digits of an offset, what stands around the data, and the last line end.
    private static let fixedBytes = 32

    /// `name` is that of all events, whose ids are positions in the given epoch; nil: each names
    /// itself, and has no id.
    init(name: String?, epoch: UInt64) {
        kind =
            if let name {
                .named(
                    beginning: Array("event: \(name)\nid: \(String(epoch, radix: 16)):".utf8))
            } else {
                .namingThemselves
            }
    }

    /// Appends one event.
    func write(offset: UInt64, contentType: String, body: [UInt8], into out: inout [UInt8]) {
        switch kind {
        case .namingThemselves:
            EventStreamEncoder.event(Self.name(in: contentType), data: body, into: &out)
        case .named(let beginning):
            let isOneLine = body.allSatisfy { !EventStreamEncoder.isLineEnd($0) }
            let countMax =
                beginning.count &+ (isOneLine ? body.count : 0) &+ Self.fixedBytes
            ByteWriter.append(atMost: countMax, to: &out) { writer in
                writer.write(beginning.span)
                writer.write(decimal: offset)
                writer.write("\n")
                guard isOneLine else { return }
                writer.write("data: ")
                writer.write(body.span)
                writer.write("\n\n")
            }
            guard !isOneLine else { return }
            EventStreamEncoder.append(data: body.span, to: &out)
            out.append(UInt8(ascii: "\n"))
        }
    }

    /// The name that a content type gives an event: `presence` of `application/json;event=presence`.
    private static func name(in contentType: String) -> String {
        for parameter in contentType.split(separator: ";").dropFirst() {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0] == "event" { return String(parts[1]) }
        }
        return nameDefault
    }
}
