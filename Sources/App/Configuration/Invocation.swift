import Engine

/// One run of the program, as its command line, environment and settings file ask for it.
package enum Invocation: Equatable, Sendable {
    case serve(Configuration)
    /// Prints the report of the settings that hold.
    case checkConfig(report: String)
    /// The password comes from standard input.
    case addUser(name: String, Configuration)
    case setRole(name: String, Role, Configuration)
    case disableUser(name: String, Configuration)
    case enableUser(name: String, Configuration)
    case mintToken(name: String, Configuration)
    case showToken(String, Configuration)
    case backup(file: String, Configuration)
    case copy(CopyRequest)
    /// Prints `Version.current`.
    case version
    /// Prints this text.
    case help(String)

    /// Understands `arguments`, which come without the program's own name. Reads nothing but the
    /// settings file, if one is named, through `readFile`.
    package static func parse(
        _ arguments: [String], environment: [String: String],
        readFile: (String) throws(UnreadableFile) -> [UInt8]
    ) throws(UsageError) -> Invocation {
        guard let first = arguments.first else { throw .noCommand }
        if first == "--version" || first.hasPrefix("--version=") { return .version }
        if CommandLineArguments.asksForHelp(first) { return .help(HelpText.program) }
        if first.hasPrefix("-") { throw refusalBeforeCommand(of: first) }

        let second = arguments.dropFirst().first
        let group = Command.allCases.filter { $0.name.hasPrefix(first + " ") }
        if !group.isEmpty, let second, CommandLineArguments.asksForHelp(second) {
            return .help(HelpText.group(first, group))
        }
        let command = try command(first, second, group: group)
        let line = try CommandLineArguments(
            arguments.dropFirst(group.isEmpty ? 1 : 2), of: command)
        if line.asksForHelp { return .help(HelpText.command(command)) }

        var file: SettingsFile?
        if let path = line.flags["config"]?.last ?? environment["PETNEXUS_CONFIG"], !path.isEmpty {
            file = try settingsFile(at: path, readFile: readFile)
        }
        let settings = try EffectiveSettings(
            flags: line.flags, environment: environment, file: file)
        return try Invocation(command, line, settings, environment)
    }

    private init(
        _ command: Command, _ line: CommandLineArguments, _ settings: EffectiveSettings,
        _ environment: [String: String]
    ) throws(UsageError) {
        let (operands, configuration) = (line.operands, settings.configuration)
        switch command {
        case .serve:
            self = .serve(configuration)
        case .checkConfig:
            self = .checkConfig(report: settings.report)
        case .addUser:
            self = .addUser(name: operands[0], configuration)
        case .setRole:
            guard let role = Role(rawValue: operands[1]) else {
                throw .unusable(source: "ROLE", text: operands[1], reason: "must be USER or ADMIN")
            }
            self = .setRole(name: operands[0], role, configuration)
        case .disableUser:
            self = .disableUser(name: operands[0], configuration)
        case .enableUser:
            self = .enableUser(name: operands[0], configuration)
        case .mintToken:
            self = .mintToken(name: operands[0], configuration)
        case .showToken:
            self = .showToken(operands[0], configuration)
        case .backup:
            self = .backup(file: operands[0], configuration)
        case .copy:
            self = .copy(
                try CopyRequest(
                    flags: line.flags, environment: environment,
                    standardPrefix: configuration.redisPrefix))
        }
    }

    private static func settingsFile(
        at path: String, readFile: (String) throws(UnreadableFile) -> [UInt8]
    ) throws(UsageError) -> SettingsFile {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path)
        } catch {
            throw .unreadableFile(path: path, reason: error.reason)
        }
        return try SettingsFile(path: path, bytes: bytes)
    }

    private static func command(
        _ first: String, _ second: String?, group: [Command]
    ) throws(UsageError) -> Command {
        let name = group.isEmpty ? first : "\(first) \(second ?? "")"
        if let command = Command.allCases.first(where: { $0.name == name }) { return command }
        guard group.isEmpty || second != nil else {
            throw .incompleteCommand(first, choices: group.map(\.name))
        }
        let closest = Suggestion.closest(to: name, among: Command.allCases.map(\.name))
        throw .unknownCommand(name, closest: closest)
    }

    private static func refusalBeforeCommand(of argument: String) -> UsageError {
        let flag = String(argument.prefix { $0 != "=" })
        return Setting.all.contains { $0.flag == flag } || flag == "--config"
            ? .flagBeforeCommand(argument)
            : .unknownFlag(
                flag, closest: Suggestion.closestFlag(to: flag, among: ["help", "version"]))
    }
}
