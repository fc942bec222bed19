/// The shape of a JSON value, as the OpenAPI document tells it (JSON Schema 2020-12).
indirect enum Schema: Sendable {
    /// A text of so many characters; nil: whatever its length.
    case text(characters: ClosedRange<Int>? = nil)
    case integer(ClosedRange<Int64>? = nil)
    case number(ClosedRange<Double>? = nil)
    case flag
    /// One of these texts.
    case choice([String])
    /// ISO 8601 in UTC.
    case timestamp
    /// The bytes of a file, in a form.
    case file
    case list(of: Schema, countMax: Int? = nil)
    case object([Property])
    /// A shape that many places share, told once under its name.
    case named(String, Schema)
    /// The shape, or null.
    case orNull(Schema)

    struct Property: Sendable {
        let name: String
        let schema: Schema
        let isRequired: Bool

        init(_ name: String, _ schema: Schema, isRequired: Bool = true) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }

        static func id(_ name: String = "id") -> Property { Property(name, .id) }
        static func text(_ name: String) -> Property { Property(name, .text()) }
        static func count(_ name: String) -> Property { Property(name, .count) }
        static func flag(_ name: String) -> Property { Property(name, .flag) }
        static func time(_ name: String) -> Property { Property(name, .timestamp) }
    }

    /// The number of something.
    static let id = Schema.integer(1...Int64.max)
    static let count = Schema.integer(0...Int64.max)

    /// The shape as JSON Schema; shapes with names are referred to.
    var json: JSONValue {
        switch self {
        case .text(let characters):
            var members = [JSONMember("type", .text("string"))]
            if let characters {
                members.append(JSONMember("minLength", .number(Int64(characters.lowerBound))))
                members.append(JSONMember("maxLength", .number(Int64(characters.upperBound))))
            }
            return .object(members)
        case .integer(let range):
            var members = [
                JSONMember("type", .text("integer")), JSONMember("format", .text("int64")),
            ]
            if let range {
                members.append(JSONMember("minimum", .number(range.lowerBound)))
                if range.upperBound != .max {
                    members.append(JSONMember("maximum", .number(range.upperBound)))
                }
            }
            return .object(members)
        case .number(let range):
            var members = [JSONMember("type", .text("number"))]
            if let range {
                members.append(JSONMember("minimum", .number("\(range.lowerBound)")))
                members.append(JSONMember("maximum", .number("\(range.upperBound)")))
            }
            return .object(members)
        case .flag:
            return .object([JSONMember("type", .text("boolean"))])
        case .choice(let names):
            return .object([
                JSONMember("type", .text("string")),
                JSONMember("enum", .list(names.map(JSONValue.text))),
            ])
        case .timestamp:
            return .object([
                JSONMember("type", .text("string")), JSONMember("format", .text("date-time")),
            ])
        case .file:
            return .object([
                JSONMember("type", .text("string")), JSONMember("format", .text("binary")),
            ])
        case .list(let element, let countMax):
            var members = [JSONMember("type", .text("array")), JSONMember("items", element.json)]
            if let countMax { members.append(JSONMember("maxItems", .number(Int64(countMax)))) }
            return .object(members)
        case .object(let properties):
            let required = properties.filter(\.isRequired).map { JSONValue.text($0.name) }
            var members = [
                JSONMember("type", .text("object")),
                JSONMember(
                    "properties",
                    .object(properties.map { JSONMember($0.name, $0.schema.json) })),
            ]
            if !required.isEmpty { members.append(JSONMember("required", .list(required))) }
            return .object(members)
        case .named(let name, _):
            return .object([JSONMember("$ref", .text("#/components/schemas/\(name)"))])
        case .orNull(let schema):
            return .object([
                JSONMember(
                    "anyOf", .list([schema.json, .object([JSONMember("type", .text("null"))])]))
            ])
        }
    }

    /// Adds the shapes with names that this one refers to.
    func collect(into shapes: inout [String: Schema]) {
        switch self {
        case .text, .integer, .number, .flag, .choice, .timestamp, .file: break
        case .list(let element, _): element.collect(into: &shapes)
        case .object(let properties):
            for property in properties { property.schema.collect(into: &shapes) }
        case .orNull(let schema): schema.collect(into: &shapes)
        case .named(let name, let schema):
            guard shapes.updateValue(schema, forKey: name) == nil else { return }
            schema.collect(into: &shapes)
        }
    }
}

/// An answer that says what it looks like.
protocol Shaped: Encodable, Sendable {
    static var shape: Schema { get }
}
