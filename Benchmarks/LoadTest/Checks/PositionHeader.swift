import Transport

extension STOMPHeaders {
    /// The offset in a `position` header, `epoch:offset`; nil without one.
    var positionOffset: Int64? {
        bytes(of: "position").flatMap { Self.trailingNumber($0) }
    }

    /// Reads the decimal digits that end a text.
    static func trailingNumber(_ text: [UInt8]) -> Int64? {
        var value: Int64 = 0
        var scale: Int64 = 1
        var index = text.count
        while index > 0, text[index - 1] &- UInt8(ascii: "0") <= 9 {
            guard text.count - index < 18 else { return nil }
            index -= 1
            value += Int64(text[index] - UInt8(ascii: "0")) * scale
            scale *= 10
        }
        return index == text.count ? nil : value
    }
}
