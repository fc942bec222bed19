/// Why a command line, or the settings that go with it, can't be carried out. Each is told in one
/// line, except `noCommand`, which is told by the program's help.
package enum UsageError: Error, Equatable {
    case noCommand
    case unknownCommand(String, closest: String?)
    /// A word that needs a second one: `petnexus user`.
    case incompleteCommand(String, choices: [String])
    case flagBeforeCommand(String)
    case unknownFlag(String, closest: String?)
    /// A flag of other commands than this one.
    case foreignFlag(String, command: String)
    case missingValue(flag: String)
    case missingFlag(String, command: String)
    case missingOperand(String, command: String)
    case surplusOperand(String, command: String)
    /// `source` names the flag, variable or key. `text` is nil for a secret.
    case unusable(source: String, text: String?, reason: String)
    case unknownKey(String, path: String, closest: String?)
    case unreadableFile(path: String, reason: String)
    case contradiction(String)

    /// What to print on standard error before the program ends with status 2, newline included.
    package var report: String {
        self == .noCommand ? HelpText.program : "petnexus: \(message)\n"
    }

    private var message: String {
        switch self {
        case .noCommand:
            "a command is missing"
        case .unknownCommand(let word, let closest):
            "unknown command \(quoted(word))"
                + (closest.map { "; did you mean \($0)?" } ?? "; petnexus --help lists them")
        case .incompleteCommand(let word, let choices):
            "\(word) what? One of: \(choices.joined(separator: ", "))"
        case .flagBeforeCommand(let flag):
            "flags follow the command: petnexus serve \(printable(flag))"
        case .unknownFlag(let flag, let closest):
            "unknown flag \(printable(flag))" + (closest.map { "; did you mean \($0)?" } ?? "")
        case .foreignFlag(let flag, let command):
            "\(command) does not take \(flag)"
        case .missingValue(let flag):
            "\(flag) needs a value"
        case .missingFlag(let flag, let command):
            "\(command) needs \(flag)"
        case .missingOperand(let name, let command):
            "\(command) needs \(name)"
        case .surplusOperand(let text, let command):
            "\(command) does not take \(quoted(text))"
        case .unusable(let source, let text, let reason):
            "\(printable(source)): \(text.map(quoted) ?? "the value") \(reason)"
        case .unknownKey(let key, let path, let closest):
            "\(printable(path)): unknown key \(quoted(key))"
                + (closest.map { "; did you mean \($0)?" } ?? "")
        case .unreadableFile(let path, let reason):
            "\(printable(path)): \(reason)"
        case .contradiction(let sentence):
            sentence
        }
    }

    private func quoted(_ text: String) -> String { "'\(printable(text))'" }

    /// `text` on one line and of bounded length, whatever somebody put into it.
    private func printable(_ text: String) -> String {
        let lengthMax = 200
        let visible = text.unicodeScalars.prefix(lengthMax).map { scalar in
            scalar.properties.generalCategory == .control ? "?" : String(scalar)
        }
        return visible.joined() + (text.unicodeScalars.count > lengthMax ? "…" : "")
    }
}
