/// A flag of one command alone: unlike a setting it is no key of a settings file.
struct CommandFlag: Sendable {
    /// The flag without its dashes: `from-prefix`.
    let name: String
    /// What stands for the value in help; nil for a switch, which needs no value.
    let placeholder: String?
    /// Whether several values may be given.
    var isList = false
    /// The name in the environment, where it has one: what may hold passwords needs a place that no
    /// list of processes shows.
    var variable: String?
    /// One or two sentences for help.
    let summary: String

    /// The flag as it is typed: `--from-prefix`.
    var flag: String { "--" + name }
}
