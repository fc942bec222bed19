/// What of a stored body a request is to be given, by its `Range` and its conditions (RFC 9110 §13
/// and §14).
public enum HTTPSelection: Hashable, Sendable {
    case whole
    /// These bytes, which are not none: 206.
    case part(Range<Int>)
    /// What the client has is the present one: 304.
    case notModified
    /// No byte that was asked for is there: 416.
    case unsatisfiable

    /// Decides about a GET or HEAD of a body of `byteCount` bytes with this strong entity tag, quotes
    /// included.
    ///
    /// A range that can't be read, of other units, or of several parts is ignored, as servers may.
    public init(_ headers: HTTPHeaders, entityTag: String, byteCount: Int) {
        let known = headers.list(named: "if-none-match")
        if known.contains("*") || known.contains(where: { Self.strong($0) == entityTag }) {
            self = .notModified
            return
        }
        let ranges = headers.all(named: "range")
        let condition = headers.first(named: "if-range")
        // A date is no match: what is stored never changes under its name.
        guard ranges.count == 1, condition == nil || condition == entityTag else {
            self = .whole
            return
        }
        self.init(range: ranges[0], byteCount: byteCount)
    }

    private init(range: String, byteCount: Int) {
        let bytes = Array(range.utf8)
        let unit = Array("bytes=".utf8)
        let ends = bytes.dropFirst(unit.count).split(
            separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard bytes.starts(with: unit), ends.count == 2,
            let first = Self.number(ends[0]), let last = Self.number(ends[1])
        else {
            self = .whole
            return
        }
        switch (first, last) {
        case (.none, .none):
            self = .whole
        case (.none, .some(let suffix)):
            let count = min(suffix, byteCount)
            self = count > 0 ? .part((byteCount - count)..<byteCount) : .unsatisfiable
        case (.some(let first), let last):
            if let last, last < first {
                self = .whole
            } else if first >= byteCount {
                self = .unsatisfiable
            } else {
                self = .part(first..<(min(last ?? .max, byteCount - 1) + 1))
            }
        }
    }

    /// The number; `.some(nil)` for no digits, nil for anything else. Beyond 15 digits it is more than
    /// any body has.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int?? {
        var number = 0
        for digit in digits {
            guard let value = HTTPGrammar.decimalDigit(digit) else { return nil }
            number = min(number * 10 + value, 999_999_999_999_999)
        }
        return .some(digits.isEmpty ? nil : number)
    }

    /// A weak tag names the same content, which is all that matters to whoever has it.
    private static func strong(_ tag: String) -> String {
        tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag
    }
}
