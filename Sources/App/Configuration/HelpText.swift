/// What `--help` prints, made from the tables of commands and settings.
enum HelpText {
    private static let columns = 97
    private static let indent = 33
    /// Stands for a space at which a line must not be broken.
    private static let glue = "\u{a0}"

    /// The help of the program itself.
    static var program: String {
        """
        Usage: petnexus COMMAND [FLAG…]

        A realtime messaging engine, and the pet community that runs on it.

        Commands:
        \(list(of: Command.allCases))
        Flags:
        \(row("--help", "Print help; every command takes it."))
        \(row("--version", "Print the version."))

        """
    }

    /// The help of the commands that share their first word.
    static func group(_ word: String, _ commands: [Command]) -> String {
        """
        Usage: petnexus \(word) COMMAND [FLAG…]

        Commands:
        \(list(of: commands))
        """
    }

    /// The help of one command, with every flag it takes.
    static func command(_ command: Command) -> String {
        var text = "Usage: petnexus \(usage(command)) [FLAG…]\n\n\(command.summary)\n"
        for section in Setting.Section.allCases {
            let settings = Setting.all.filter { $0.section == section && command.takes($0) }
            guard !settings.isEmpty else { continue }
            text += "\n\(section.rawValue):\n"
            for setting in settings {
                let term = usage(setting.flag, setting.placeholder, setting.isList)
                text += row(term, description(setting)) + "\n"
            }
        }
        if !command.flags.isEmpty {
            text += "\nCopying:\n"
            for flag in command.flags {
                text += row(usage(flag.flag, flag.placeholder, flag.isList), flag.summary) + "\n"
            }
        }
        text += "\nGeneral:\n"
        text += row("--config FILE", "JSON file of settings: {\"port\": 8080}.") + "\n"
        text += row("--help", "Print this.") + "\n"
        let variables = command.flags.compactMap(\.variable)
        guard variables.isEmpty else {
            return text + """

                Flags marked … can be repeated. Where an address has a password, it is better in the
                environment, which no list of processes shows:
                \(variables.joined(separator: ", ")), several servers separated by spaces.

                """
        }
        return text + """

            Flags marked … can be repeated. Every flag is also a variable in the environment
            (--stomp-port: PETNEXUS_STOMP_PORT, lists separated by spaces) and a key in the
            settings file ("stomp-port"). A flag beats the environment, which beats the file.

            """
    }

    private static func list(of commands: [Command]) -> String {
        commands.map { row(usage($0), $0.summary) + "\n" }.joined()
    }

    private static func usage(_ command: Command) -> String {
        ([command.name] + command.operands).joined(separator: " ")
    }

    private static func usage(
        _ flag: String, _ placeholder: String?, _ isList: Bool
    ) -> String {
        [flag, placeholder, isList ? "…" : nil]
            .compactMap { $0 }.joined(separator: " ").replacing(" …", with: "…")
    }

    private static func description(_ setting: Setting) -> String {
        let standard = setting.show(Configuration())
        guard setting.placeholder != nil, !standard.isEmpty else { return setting.summary }
        return "\(setting.summary) (default:\(glue)\(standard))"
    }

    /// A term and its explanation, which is wrapped and stands in a column of its own.
    private static func row(_ term: String, _ explanation: String) -> String {
        let margin = String(repeating: " ", count: indent)
        let head = "  \(term)"
        var lines = head.count + 2 > indent ? [head, margin] : [head.padded(to: indent)]
        for word in explanation.split(separator: " ") {
            let isFirst = lines[lines.count - 1].hasSuffix(" ")
            if !isFirst, lines[lines.count - 1].count + 1 + word.count > columns {
                lines.append(margin + word)
            } else {
                lines[lines.count - 1] += isFirst ? word : " " + word
            }
        }
        return lines.joined(separator: "\n").replacing(glue, with: " ")
    }
}
