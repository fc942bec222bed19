import Engine

/// A publication as Redis keeps and announces it: a line of numbers (the sender, the time in
/// milliseconds, the bytes of the sender's name, those of the content type), then the name, the
/// content type and the body. Its offset is beside it. Scripts read and write the same form.
package enum RedisEntry {
    /// What the entry takes besides name, content type and body.
    private static let lineBytesMax = 4 * 20 + 4

    static func encode(_ draft: Draft) -> [UInt8] {
        let (name, type) = (draft.senderName.utf8, draft.contentType.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lineBytesMax + name.count + type.count + draft.body.count)
        bytes.append(decimal: draft.sender.rawValue)
        bytes.append(UInt8(ascii: " "))
        bytes.append(decimal: draft.timestampMs)
        bytes.append(UInt8(ascii: " "))
        bytes.append(decimal: Int64(name.count))
        bytes.append(UInt8(ascii: " "))
        bytes.append(decimal: Int64(type.count))
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: name)
        bytes.append(contentsOf: type)
        bytes.append(contentsOf: draft.body)
        return bytes
    }

    /// Nil for bytes that are no entry: somebody else wrote there.
    package static func decode(_ bytes: ArraySlice<UInt8>, offset: UInt64) -> Publication? {
        var rest = bytes
        guard let sender = rest.takeDecimal(before: UInt8(ascii: " ")),
            let timestampMs = rest.takeDecimal(before: UInt8(ascii: " ")),
            let nameBytes = rest.takeDecimal(before: UInt8(ascii: " ")),
            let typeBytes = rest.takeDecimal(before: UInt8(ascii: "\n")),
            let name = rest.takeText(bytes: nameBytes),
            let type = rest.takeText(bytes: typeBytes)
        else { return nil }
        return Publication(
            offset: offset, sender: UserID(sender), senderName: name, contentType: type,
            body: Array(rest), timestampMs: timestampMs)
    }
}

extension [UInt8] {
    /// Appends a number's decimal digits.
    mutating func append(decimal number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        let magnitude = number.magnitude
        var power: UInt64 = 1
        while magnitude / power >= 10 { power *= 10 }
        while power > 0 {
            append(UInt8(ascii: "0") + UInt8(magnitude / power % 10))
            power /= 10
        }
    }
}

extension ArraySlice<UInt8> {
    /// Takes a decimal number and the byte that ends it, nil standing for the end of all; answers nil
    /// where there is something else.
    mutating func takeDecimal(before end: UInt8?) -> Int64? {
        let isNegative = first == UInt8(ascii: "-")
        var place = startIndex + (isNegative ? 1 : 0)
        let firstDigit = place
        var number: Int64 = 0
        while place < endIndex, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self[place]) {
            let digit = Int64(self[place] - UInt8(ascii: "0"))
            let (tenfold, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooFar) =
                isNegative
                ? tenfold.subtractingReportingOverflow(digit)
                : tenfold.addingReportingOverflow(digit)
            guard !isTooLarge, !isTooFar else { return nil }
            number = sum
            place += 1
        }
        guard place > firstDigit, end == (place < endIndex ? self[place] : nil) else { return nil }
        self = self[Swift.min(place + 1, endIndex)...]
        return number
    }

    /// Takes so many bytes of UTF-8; nil where there are not as many, or they are no text.
    fileprivate mutating func takeText(bytes count: Int64) -> String? {
        guard count >= 0, count <= Int64(self.count) else { return nil }
        let end = startIndex + Int(count)
        defer { self = self[end...] }
        return String(validating: self[..<end], as: UTF8.self)
    }
}
