/// Writes commands as Redis reads them: arrays of bulk strings (RESP2).
enum RESPEncoder {
    /// Appends a command with its arguments.
    static func append(_ command: [[UInt8]], to bytes: inout [UInt8]) {
        append(UInt8(ascii: "*"), command.count, to: &bytes)
        for argument in command {
            append(UInt8(ascii: "$"), argument.count, to: &bytes)
            bytes.append(contentsOf: argument)
            bytes.append(UInt8(ascii: "\r"))
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    private static func append(_ kind: UInt8, _ count: Int, to bytes: inout [UInt8]) {
        bytes.append(kind)
        appendDigits(of: count, to: &bytes)
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func appendDigits(of count: Int, to bytes: inout [UInt8]) {
        if count >= 10 { appendDigits(of: count / 10, to: &bytes) }
        bytes.append(UInt8(ascii: "0") + UInt8(count % 10))
    }
}
