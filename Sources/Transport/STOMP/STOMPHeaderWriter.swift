/// The value of a header to be written, in the form its owner has it, so that no text is made of it
/// on the way.
public enum STOMPValue: Sendable, Hashable, ExpressibleByStringLiteral {
    /// UTF-8.
    case bytes([UInt8])
    case text(String)
    case number(Int64)
    /// A stream position, written `epoch:offset`: lower-case hexadecimal and decimal.
    case position(epoch: UInt64, offset: UInt64)

    public init(stringLiteral text: String) {
        self = .text(text)
    }
}

/// Writes the header lines of one frame behind what its array holds, escaped for the receiver.
public struct STOMPHeaderWriter: Sendable {
    private(set) var bytes: [UInt8]
    private let coding: STOMPHeaderCoding

    init(appendingTo bytes: consuming [UInt8], coding: STOMPHeaderCoding) {
        self.bytes = bytes
        self.coding = coding
    }

    /// Writes one header line.
    public mutating func add(_ name: String, _ value: STOMPValue) {
        switch value {
        case .bytes(let value):
            addLine(name.utf8.span, value.span, isPlain: !STOMPBytes.holdsSpecials(value.span))
        case .text(let value):
            let text = value.utf8.span
            addLine(name.utf8.span, text, isPlain: !STOMPBytes.holdsSpecials(text))
        case .number(let value):
            var digits = STOMPDigits()
            digits.prepend(value.magnitude, radix: 10)
            if value < 0 { digits.prepend(UInt8(ascii: "-")) }
            addLine(name.utf8.span, digits.bytes.span.extracting(digits.start...), isPlain: true)
        case .position(let epoch, let offset):
            var digits = STOMPDigits()
            digits.prepend(offset, radix: 10)
            if coding.escapes {
                digits.prepend(UInt8(ascii: "c"))
                digits.prepend(UInt8(ascii: "\\"))
            } else {
                digits.prepend(UInt8(ascii: ":"))
            }
            digits.prepend(epoch, radix: 16)
            addLine(name.utf8.span, digits.bytes.span.extracting(digits.start...), isPlain: true)
        }
    }

    /// Writes a line whose value, where it is plain, stands on the wire as it is.
    private mutating func addLine(_ name: Span<UInt8>, _ value: Span<UInt8>, isPlain: Bool) {
        guard isPlain, !STOMPBytes.holdsSpecials(name) else {
            coding.append(name, isName: true, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            if isPlain {
                STOMPBytes.append(value, to: &bytes)
            } else {
                coding.append(value, isName: false, to: &bytes)
            }
            bytes.append(UInt8(ascii: "\n"))
            return
        }
        // Nearly every line: made in one step, since its size is known.
        ByteWriter.append(atMost: name.count &+ value.count &+ 2, to: &bytes) { line in
            line.write(name)
            line.write(UInt8(ascii: ":"))
            line.write(value)
            line.write(UInt8(ascii: "\n"))
        }
    }

    /// Writes a command and its line end.
    mutating func begin(_ command: STOMPCommand) {
        STOMPBytes.append(command.text.utf8.span, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Writes the header lines that a frame already has.
    mutating func add(_ headers: STOMPHeaders) {
        headers.append(in: coding, to: &bytes)
    }

    /// Ends the head, and the frame with it.
    mutating func finish(body: [UInt8] = []) {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: body)
        bytes.append(0)
    }
}
