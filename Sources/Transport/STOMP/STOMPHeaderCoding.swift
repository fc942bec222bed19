/// How header lines are written: what ends a line, what is escaped, whether padding counts.
///
/// | | escapes | CR LF | spaces around |
/// | --- | --- | --- | --- |
/// | 1.0 | none | taken for LF | trimmed |
/// | 1.1 | `\n` `\c` `\\` | no: CR is part of the value | kept |
/// | 1.2 | `\r` `\n` `\c` `\\` | taken for LF | kept |
/// | CONNECT, CONNECTED | none | taken for LF | kept |
///
/// 1.0 has no grammar; its examples pad headers, and its implementations trim them, which the later
/// specifications name as the reason to forbid both. CONNECT and CONNECTED are never escaped, so
/// that they can be read before a version is agreed on (STOMP 1.2, Value Encoding), and STOMP is
/// read as CONNECT is (STOMP 1.2, CONNECT or STOMP Frame). All of them allow a colon inside a
/// value, as every implementation does: the first colon of a line ends the name.
enum STOMPHeaderCoding: UInt8, Sendable {
    case v10
    case v11
    case v12
    case connecting

    /// The coding of a frame's headers; a nil version is one not yet agreed on, where only the
    /// connecting frames and an ERROR that refuses them are of use.
    init(_ command: STOMPCommand, in version: STOMPVersion?) {
        switch command {
        case .connect, .stomp, .connected:
            self = .connecting
        case .send, .subscribe, .unsubscribe, .ack, .nack, .begin, .commit, .abort, .disconnect,
            .message, .receipt, .error:
            switch version {
            case .v10: self = .v10
            case .v11: self = .v11
            case .v12: self = .v12
            case nil: self = .connecting
            }
        }
    }

    /// Whether a carriage return before the line feed belongs to the line end; a lone one is then
    /// an error.
    var takesCarriageReturn: Bool { self != .v11 }

    /// Whether spaces around names and values are padding.
    var trimsSpaces: Bool { self == .v10 }

    /// Whether backslashes start escape sequences.
    var escapes: Bool { self == .v11 || self == .v12 }

    /// What a backslash before `byte` stands for; nil where that is no escape sequence.
    func unescaped(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "n"): UInt8(ascii: "\n")
        case UInt8(ascii: "c"): UInt8(ascii: ":")
        case UInt8(ascii: "\\"): UInt8(ascii: "\\")
        case UInt8(ascii: "r") where self == .v12: UInt8(ascii: "\r")
        default: nil
        }
    }

    /// Writes a name or a value so that a reader of this coding gets it back, and so that it can
    /// never end the line.
    ///
    /// What the coding can't express is written as a space: NUL, and without escapes also LF, CR,
    /// and a colon in a name.
    func append(_ text: Span<UInt8>, isName: Bool, to out: inout [UInt8]) {
        guard STOMPBytes.holdsSpecials(text) else {
            STOMPBytes.append(text, to: &out)
            return
        }
        for index in text.indices {
            switch form(of: text[index], isName: isName) {
            case .plain:
                out.append(text[index])
            case .space:
                out.append(UInt8(ascii: " "))
            case .escape(let letter):
                out.append(UInt8(ascii: "\\"))
                out.append(letter)
            }
        }
    }

    /// How one byte of a name or a value is written.
    private enum Form {
        case plain
        case space
        case escape(UInt8)
    }

    private func form(of byte: UInt8, isName: Bool) -> Form {
        switch byte {
        case 0:
            .space
        case UInt8(ascii: "\n"):
            escapes ? .escape(UInt8(ascii: "n")) : .space
        case UInt8(ascii: "\r"):
            switch self {
            case .v12: .escape(UInt8(ascii: "r"))
            case .v11: .plain
            case .v10, .connecting: .space
            }
        case UInt8(ascii: ":"):
            escapes ? .escape(UInt8(ascii: "c")) : isName ? .space : .plain
        case UInt8(ascii: "\\"):
            escapes ? .escape(UInt8(ascii: "\\")) : .plain
        default:
            .plain
        }
    }
}
