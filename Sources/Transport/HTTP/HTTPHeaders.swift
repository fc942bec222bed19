/// The header (or trailer) fields of a message in the order of the wire (RFC 9110 §5). Names
/// compare without case, and may occur more than once.
public struct HTTPHeaders: Hashable, Sendable {
    /// One line of a field section.
    public struct Field: Hashable, Sendable {
        /// As it was written.
        public let name: String
        /// Without the white space around it. Received bytes that are no UTF-8 are ISO 8859-1.
        public let value: String
    }

    public private(set) var fields: [Field] = []

    public init() {}

    /// The value of the first field of that name.
    public func first(named name: String) -> String? {
        fields.first { HTTPGrammar.isEqual($0.name, ignoringCase: name) }?.value
    }

    /// The values of all fields of that name, in order.
    public func all(named name: String) -> [String] {
        fields.filter { HTTPGrammar.isEqual($0.name, ignoringCase: name) }.map(\.value)
    }

    /// The elements of the comma-separated list that all fields of that name make up
    /// (RFC 9110 §5.6.1), trimmed, without empty ones. A comma within a quoted string separates
    /// nothing; quotes stay.
    public func list(named name: String) -> [String] {
        var elements: [String] = []
        for field in fields where HTTPGrammar.isEqual(field.name, ignoringCase: name) {
            Self.appendElements(of: field.value, to: &elements)
        }
        return elements
    }

    /// Adds a field after all others.
    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// Makes `value` the only one of that name: in the place of the first, or after all others.
    public mutating func set(_ name: String, _ value: String) {
        let field = Field(name: name, value: value)
        guard
            let place = fields.firstIndex(where: {
                HTTPGrammar.isEqual($0.name, ignoringCase: name)
            })
        else {
            fields.append(field)
            return
        }
        remove(name)
        fields.insert(field, at: place)
    }

    /// Removes all fields of that name.
    public mutating func remove(_ name: String) {
        fields.removeAll { HTTPGrammar.isEqual($0.name, ignoringCase: name) }
    }

    private static func appendElements(of value: String, to elements: inout [String]) {
        let bytes = Array(value.utf8)
        var start = 0
        var isQuoted = false
        var isEscaped = false
        for index in 0...bytes.count {
            if index < bytes.count {
                let byte = bytes[index]
                if isEscaped {
                    isEscaped = false
                    continue
                }
                isEscaped = isQuoted && byte == UInt8(ascii: "\\")
                if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
                guard byte == UInt8(ascii: ","), !isQuoted else { continue }
            }
            let element = HTTPGrammar.trimming(bytes.span, start..<index)
            if !element.isEmpty {
                elements.append(HTTPGrammar.text(bytes.span.extracting(element)))
            }
            start = index + 1
        }
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }
}

extension HTTPHeaders: Sequence {
    public func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }
}
