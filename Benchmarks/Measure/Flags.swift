/// A flag that a program's command takes.
public struct Flag: Sendable, Hashable {
    /// Without dashes.
    public let name: String
    /// What its value is called in the help; nil for a flag without a value.
    public let placeholder: String?
    public let help: String

    /// A flag with a value.
    public init(_ name: String, _ placeholder: String, _ help: String) {
        self.name = name
        self.placeholder = placeholder
        self.help = help
    }

    /// A flag that is there or not.
    public init(_ name: String, _ help: String) {
        self.name = name
        placeholder = nil
        self.help = help
    }
}

extension [Flag] {
    /// The flags with their explanations, one a line.
    public var helpText: String {
        let names = map { flag in
            "  --" + flag.name + (flag.placeholder.map { " " + $0 } ?? "")
        }
        let width = (names.map(\.count).max() ?? 0) + 2
        return zip(names, self).map { name, flag in
            name + String(repeating: " ", count: width - name.count) + flag.help + "\n"
        }.joined()
    }
}

/// Why a command line can't be carried out. Told in one line.
public enum FlagError: Error, Hashable, Sendable {
    case unknownCommand(String, known: String)
    case unknownFlag(String, closest: String? = nil)
    case missingValue(String)
    case surplusValue(String)
    case surplusArgument(String)
    case missingFlag(String)
    case unusable(String, value: String, reason: String)
    /// Flags that are fine alone.
    case contradiction(String)

    /// The line, without the program's name.
    public var message: String {
        switch self {
        case .unknownCommand(let word, let known): "'\(word)' is no command; \(known)"
        case .unknownFlag(let flag, let closest):
            "unknown flag \(flag)" + (closest.map { "; did you mean --\($0)?" } ?? "")
        case .missingValue(let flag): "\(flag) needs a value"
        case .surplusValue(let flag): "\(flag) takes no value"
        case .surplusArgument(let text): "'\(text)' is no flag"
        case .missingFlag(let flag): "\(flag) is missing"
        case .unusable(let flag, let value, let reason): "\(flag): '\(value)' \(reason)"
        case .contradiction(let sentence): sentence
        }
    }
}

/// The flags of a command line with their values, as text and as what the text means. A value is the
/// next argument or follows `=`. Of a repeated flag the last one counts, but for `texts`.
public struct FlagValues: Sendable {
    private var values: [String: [String]] = [:]
    /// Whether `--help` or `-h` was among the arguments; nothing else is looked at then.
    public private(set) var asksForHelp = false

    /// Refuses what is none of `flags`.
    public init(_ arguments: some Sequence<String>, of flags: [Flag]) throws(FlagError) {
        var rest = Array(arguments)[...]
        if rest.contains(where: { $0 == "--help" || $0 == "-h" }) {
            asksForHelp = true
            return
        }
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-") else { throw .surplusArgument(argument) }
            let parts = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let flag = flags.first(where: { "--" + $0.name == parts[0] }) else {
                let word = parts[0].drop { $0 == "-" }
                throw .unknownFlag(
                    String(parts[0]),
                    closest: Suggestion.closest(to: String(word), among: flags.map(\.name)))
            }
            if flag.placeholder == nil {
                guard parts.count == 1 else { throw .surplusValue("--" + flag.name) }
                values[flag.name] = [""]
            } else if parts.count == 2 {
                values[flag.name, default: []].append(String(parts[1]))
            } else if let value = rest.first, !value.hasPrefix("--") {
                values[flag.name, default: []].append(value)
                rest.removeFirst()
            } else {
                throw .missingValue("--" + flag.name)
            }
        }
    }

    /// Whether the flag was given.
    public func has(_ name: String) -> Bool { values[name] != nil }

    /// The flag's text; nil where it was not given.
    public func text(_ name: String) -> String? { values[name]?.last }

    /// The texts of a flag that may be repeated, in order; empty where it was not given.
    public func texts(_ name: String) -> [String] { values[name] ?? [] }

    /// The text of a flag that must be given.
    public func required(_ name: String) throws(FlagError) -> String {
        guard let text = text(name) else { throw .missingFlag("--" + name) }
        return text
    }

    /// A whole number within `range`; nil where the flag was not given.
    public func count(_ name: String, in range: ClosedRange<Int>) throws(FlagError) -> Int? {
        guard let text = text(name) else { return nil }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
            range.contains(number)
        else {
            throw .unusable(
                "--" + name, value: text,
                reason: "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A span of time such as `30s`, `500ms` or `2m`, in microseconds; nil where the flag was not
    /// given.
    public func durationUs(_ name: String) throws(FlagError) -> Int64? {
        guard let text = text(name) else { return nil }
        guard let us = Self.durationUs(text) else {
            throw .unusable(
                "--" + name, value: text, reason: "must be a time such as 30s, 500ms or 2m")
        }
        return us
    }

    /// Units, with those that end like another one before it.
    private static let units: [(suffix: String, us: Int64)] = [
        ("ms", 1_000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000),
    ]

    private static func durationUs(_ text: String) -> Int64? {
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let digits = text.dropLast(unit.suffix.count)
        guard (1...7).contains(digits.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int64(digits)
        else { return nil }
        return number * unit.us
    }
}
