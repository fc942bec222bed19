/// A JSON value (RFC 8259), with members in their order.
indirect enum JSONValue: Sendable, Equatable {
    case null
    case flag(Bool)
    /// A number as it was written.
    case number(String)
    case text(String)
    case list([JSONValue])
    case object([JSONMember])

    static func number(_ integer: Int64) -> JSONValue { .number(String(integer)) }

    /// The value of a member; nil where there is none, or where this is no object.
    subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}

struct JSONMember: Sendable, Equatable {
    let name: String
    let value: JSONValue

    init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

extension JSONValue {
    /// Reads a whole text.
    init(reading bytes: [UInt8]) throws(MalformedJSON) {
        var reader = StrictJSONReader(bytes)
        self = try reader.value()
        try reader.end()
    }

    /// The text of the value, without spaces.
    var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }
}
