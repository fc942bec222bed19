/// What follows the command's name: flags with their values, and operands. A value is the next
/// argument or follows `=`; after `--` everything is an operand.
struct CommandLineArguments: Equatable {
    /// The values of each flag, by its name without dashes, in the order given.
    private(set) var flags: [String: [String]] = [:]
    /// As many as the command has, unless help was asked for.
    private(set) var operands: [String] = []
    private(set) var asksForHelp = false

    /// Refuses what `command` does not take. Values are not looked at.
    init(_ arguments: ArraySlice<String>, of command: Command) throws(UsageError) {
        if arguments.prefix(while: { $0 != "--" }).contains(where: Self.asksForHelp) {
            asksForHelp = true
            return
        }
        var rest = arguments
        while let argument = rest.popFirst() {
            if argument == "--" {
                operands += rest
                break
            } else if argument.hasPrefix("-"), argument != "-" {
                try take(flag: argument, from: &rest, of: command)
            } else {
                operands.append(argument)
            }
        }
        if operands.count < command.operands.count {
            throw .missingOperand(command.operands[operands.count], command: command.name)
        }
        if operands.count > command.operands.count {
            throw .surplusOperand(operands[command.operands.count], command: command.name)
        }
    }

    /// Whether `argument` is the flag that every command takes; a value after `=` changes nothing.
    static func asksForHelp(_ argument: String) -> Bool {
        argument == "--help" || argument == "-h" || argument.hasPrefix("--help=")
    }

    private mutating func take(
        flag argument: String, from rest: inout ArraySlice<String>, of command: Command
    ) throws(UsageError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let flag = String(parts[0])
        let setting = Setting.all.first { $0.flag == flag }
        let own = command.flags.first { $0.flag == flag }
        guard setting != nil || own != nil || flag == "--config" else {
            let known =
                Setting.all.filter(command.takes).map(\.name) + command.flags.map(\.name)
                + ["config", "help"]
            throw .unknownFlag(flag, closest: Suggestion.closestFlag(to: flag, among: known))
        }
        if let setting, !command.takes(setting) {
            throw .foreignFlag(flag, command: command.name)
        }
        let value: String
        if parts.count == 2 {
            value = String(parts[1])
        } else if flag != "--config", (setting?.placeholder ?? own?.placeholder) == nil {
            value = "true"
        } else if let next = rest.first, !next.hasPrefix("--") {
            value = next
            rest.removeFirst()
        } else {
            throw .missingValue(flag: flag)
        }
        flags[String(flag.dropFirst(2)), default: []].append(value)
    }
}
