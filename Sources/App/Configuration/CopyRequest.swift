import Transport

/// What is to be copied where, as `petnexus copy` was asked.
package struct CopyRequest: Equatable, Sendable {
    /// One side of a copy.
    package enum Place: Equatable, Sendable {
        case directory(String)
        case redis([RedisURL], prefix: String)
    }

    package let source: Place
    package let target: Place
    /// Whether what the target has may be removed.
    package let replaces: Bool

    package init(from source: Place, to target: Place, replacing replaces: Bool) {
        self.source = source
        self.target = target
        self.replaces = replaces
    }

    static let flags = [
        CommandFlag(
            name: "from", placeholder: "PLACE", isList: true, variable: "PETNEXUS_FROM",
            summary: "Where the data are: a data directory, or redis://… and redis+sentinel://… "
                + "as --redis takes them, all servers of the site in their order."),
        CommandFlag(
            name: "to", placeholder: "PLACE", isList: true, variable: "PETNEXUS_TO",
            summary: "Where they are copied: a data directory, which is made where there is none, "
                + "or Redis servers."),
        CommandFlag(
            name: "from-prefix", placeholder: "PREFIX",
            summary: "The --redis-prefix of the source; without it what the environment or the "
                + "settings file say of redis-prefix."),
        CommandFlag(
            name: "to-prefix", placeholder: "PREFIX",
            summary: "The same of the target."),
        CommandFlag(
            name: "force", placeholder: nil,
            summary: "Remove what the target has of this community; else it must be empty."),
    ]

    /// Understands the values of flags; a variable stands in for the flag that is not given.
    init(
        flags: [String: [String]], environment: [String: String], standardPrefix: String
    ) throws(UsageError) {
        func place(_ name: String) throws(UsageError) -> Place {
            let flag = "--" + name
            let prefix = flags[name + "-prefix"]?.last
            if let texts = flags[name] {
                return try Self.place(texts, named: flag, flag, prefix, standardPrefix)
            }
            let variable = Self.flags.first { $0.name == name }?.variable ?? ""
            guard let text = environment[variable], !text.isEmpty else {
                throw .missingFlag(flag, command: Command.copy.name)
            }
            return try Self.place([text], named: variable, flag, prefix, standardPrefix)
        }
        source = try place("from")
        target = try place("to")
        let force = flags["force"]?.last ?? "false"
        do {
            replaces = try ValueForm.toggle.parse(force)
        } catch {
            throw .unusable(source: "--force", text: error.text, reason: error.reason)
        }
    }

    /// One directory, or URLs, several of which may stand in one text, separated by white space.
    private static func place(
        _ texts: [String], named name: String, _ flag: String, _ prefix: String?,
        _ standardPrefix: String
    ) throws(UsageError) -> Place {
        guard texts.contains(where: isURL) else {
            guard texts.count == 1 else {
                throw .contradiction("\(name) takes one directory, or servers of Redis")
            }
            guard prefix == nil else {
                throw .contradiction("\(flag)-prefix is for Redis, and \(name) is a directory")
            }
            return .directory(try parse(texts[0], as: .path, named: name, isSecret: false))
        }
        var servers: [RedisURL] = []
        for text in texts.flatMap({ $0.split(whereSeparator: \.isWhitespace) }) {
            servers.append(
                try parse(String(text), as: .redisURL, named: name, isSecret: true))
        }
        let twice = Dictionary(grouping: servers, by: \.identity).values.first { $0.count > 1 }
        if let twice = twice?.first {
            throw .contradiction("\(name) names the same server twice: \(twice)")
        }
        return .redis(
            servers,
            prefix: try parse(
                prefix ?? standardPrefix, as: .keyPrefix, named: flag + "-prefix",
                isSecret: false))
    }

    private static func isURL(_ text: String) -> Bool { text.contains("://") }

    private static func parse<Value>(
        _ text: String, as form: ValueForm<Value>, named name: String, isSecret: Bool
    ) throws(UsageError) -> Value {
        do {
            return try form.parse(text)
        } catch {
            throw .unusable(
                source: name, text: isSecret ? nil : error.text, reason: error.reason)
        }
    }
}
