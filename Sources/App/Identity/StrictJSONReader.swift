/// The text is not the JSON that was expected there.
struct MalformedJSON: Error, Hashable {}

/// Reads one JSON text (RFC 8259) member by member, and refuses what parsers disagree about:
/// duplicate keys, anything after the end, unpaired surrogates, ill-formed UTF-8.
///
/// For texts that decide about authority, and for requests. It needs no Foundation, and builds a tree
/// only where that is asked for, so that a token costs microseconds; the caller bounds the length of
/// the text.
struct StrictJSONReader {
    private static let depthMax = 8
    private static let membersMax = 64

    private let bytes: [UInt8]
    private var next = 0
    private var depth = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads an object. `member` is called once for each key and must read exactly its value, or
    /// `skip` it. At most 64 members.
    mutating func object(
        _ member: (_ key: String, _ reader: inout StrictJSONReader) throws(MalformedJSON) -> Void
    ) throws(MalformedJSON) {
        var seen: [String] = []
        try sequence(from: UInt8(ascii: "{"), to: UInt8(ascii: "}")) {
            reader throws(MalformedJSON) in
            let key = try reader.string()
            guard seen.count < Self.membersMax, !seen.contains(key) else { throw MalformedJSON() }
            seen.append(key)
            try reader.expect(UInt8(ascii: ":"))
            try member(key, &reader)
        }
    }

    /// Reads an array of strings.
    mutating func strings() throws(MalformedJSON) -> [String] {
        var strings: [String] = []
        try sequence(from: UInt8(ascii: "["), to: UInt8(ascii: "]")) {
            reader throws(MalformedJSON) in
            strings.append(try reader.string())
        }
        return strings
    }

    /// Reads a string with its escapes resolved (RFC 8259 §7).
    mutating func string() throws(MalformedJSON) -> String {
        try expect(UInt8(ascii: "\""))
        let start = next
        while next < bytes.count, bytes[next] >= 0x20, bytes[next] != UInt8(ascii: "\""),
            bytes[next] != UInt8(ascii: "\\")
        {
            next += 1
        }
        var content = Array(bytes[start..<next])
        while let byte = take(), byte >= 0x20 {
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw MalformedJSON()
                }
                return text
            case UInt8(ascii: "\\"):
                content.append(contentsOf: try escaped())
            default:
                content.append(byte)
            }
        }
        throw MalformedJSON()
    }

    /// Reads a number and rounds it down to whole ones; refused outside of 64 bits.
    mutating func integer() throws(MalformedJSON) -> Int64 {
        let literal = try number()
        if let integer = Int64(literal) { return integer }
        guard let real = Double(literal), let integer = Int64(exactly: real.rounded(.down)) else {
            throw MalformedJSON()
        }
        return integer
    }

    /// Reads any value.
    mutating func value() throws(MalformedJSON) -> JSONValue {
        switch peek() {
        case UInt8(ascii: "\""):
            return .text(try string())
        case UInt8(ascii: "{"):
            var members: [JSONMember] = []
            try object { name, reader throws(MalformedJSON) in
                members.append(JSONMember(name, try reader.value()))
            }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try sequence(from: UInt8(ascii: "["), to: UInt8(ascii: "]")) {
                reader throws(MalformedJSON) in elements.append(try reader.value())
            }
            return .list(elements)
        case UInt8(ascii: "t"):
            try literal("true")
            return .flag(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .flag(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        default:
            return .number(try number())
        }
    }

    /// Reads any value and forgets it, holding it to the same rules.
    mutating func skip() throws(MalformedJSON) {
        switch peek() {
        case UInt8(ascii: "\""):
            _ = try string()
        case UInt8(ascii: "{"):
            try object { _, reader throws(MalformedJSON) in try reader.skip() }
        case UInt8(ascii: "["):
            try sequence(from: UInt8(ascii: "["), to: UInt8(ascii: "]")) {
                reader throws(MalformedJSON) in try reader.skip()
            }
        case UInt8(ascii: "t"):
            try literal("true")
        case UInt8(ascii: "f"):
            try literal("false")
        case UInt8(ascii: "n"):
            try literal("null")
        default:
            _ = try number()
        }
    }

    /// Refuses anything but white space after the value.
    mutating func end() throws(MalformedJSON) {
        guard peek() == nil else { throw MalformedJSON() }
    }

    private mutating func sequence(
        from opening: UInt8, to closing: UInt8,
        _ element: (inout StrictJSONReader) throws(MalformedJSON) -> Void
    ) throws(MalformedJSON) {
        try expect(opening)
        depth += 1
        guard depth <= Self.depthMax else { throw MalformedJSON() }
        if peek() != closing {
            try element(&self)
            while peek() == UInt8(ascii: ",") {
                next += 1
                try element(&self)
            }
        }
        try expect(closing)
        depth -= 1
    }

    /// What follows a backslash, as UTF-8. A surrogate counts only as half of a pair.
    private mutating func escaped() throws(MalformedJSON) -> [UInt8] {
        switch take() {
        case UInt8(ascii: "\""): return [UInt8(ascii: "\"")]
        case UInt8(ascii: "\\"): return [UInt8(ascii: "\\")]
        case UInt8(ascii: "/"): return [UInt8(ascii: "/")]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var units = [try codeUnit()]
            if UTF16.isLeadSurrogate(units[0]) {
                guard take() == UInt8(ascii: "\\"), take() == UInt8(ascii: "u") else {
                    throw MalformedJSON()
                }
                units.append(try codeUnit())
            }
            guard let text = String(validating: units, as: UTF16.self) else {
                throw MalformedJSON()
            }
            return Array(text.utf8)
        default: throw MalformedJSON()
        }
    }

    private mutating func codeUnit() throws(MalformedJSON) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = take(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw MalformedJSON() }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// The characters of a number (RFC 8259 §6).
    private mutating func number() throws(MalformedJSON) -> String {
        _ = peek()
        let start = next
        skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try digits() }
        if skip(UInt8(ascii: ".")) { try digits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
            try digits()
        }
        return String(decoding: bytes[start..<next], as: UTF8.self)
    }

    private mutating func digits() throws(MalformedJSON) {
        let start = next
        while next < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[next]) {
            next += 1
        }
        guard next > start else { throw MalformedJSON() }
    }

    private mutating func literal(_ text: String) throws(MalformedJSON) {
        for byte in text.utf8 {
            guard take() == byte else { throw MalformedJSON() }
        }
    }

    /// The next byte that is not white space, left where it is; nil at the end.
    private mutating func peek() -> UInt8? {
        while next < bytes.count {
            switch bytes[next] {
            case 0x20, 0x09, 0x0a, 0x0d: next += 1
            default: return bytes[next]
            }
        }
        return nil
    }

    private mutating func expect(_ byte: UInt8) throws(MalformedJSON) {
        guard peek() == byte else { throw MalformedJSON() }
        next += 1
    }

    @discardableResult
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next < bytes.count, bytes[next] == byte else { return false }
        next += 1
        return true
    }

    private mutating func take() -> UInt8? {
        guard next < bytes.count else { return nil }
        defer { next += 1 }
        return bytes[next]
    }
}
