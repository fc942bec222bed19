/// What the program can be told to do.
enum Command: CaseIterable, Sendable {
    case serve
    case checkConfig
    case addUser
    case setRole
    case disableUser
    case enableUser
    case mintToken
    case showToken
    case backup
    case copy

    /// The words that name it, as they are typed: `user add`.
    var name: String {
        switch self {
        case .serve: "serve"
        case .checkConfig: "check-config"
        case .addUser: "user add"
        case .setRole: "user role"
        case .disableUser: "user disable"
        case .enableUser: "user enable"
        case .mintToken: "token mint"
        case .showToken: "token show"
        case .backup: "backup"
        case .copy: "copy"
        }
    }

    /// The names of what must follow, in order.
    var operands: [String] {
        switch self {
        case .serve, .checkConfig, .copy: []
        case .addUser, .disableUser, .enableUser, .mintToken: ["NAME"]
        case .setRole: ["NAME", "ROLE"]
        case .showToken: ["TOKEN"]
        case .backup: ["FILE"]
        }
    }

    /// The flags that it alone has.
    var flags: [CommandFlag] {
        self == .copy ? CopyRequest.flags : []
    }

    /// A sentence for help.
    var summary: String {
        switch self {
        case .serve: "Serve the community until SIGTERM or SIGINT."
        case .checkConfig: "Print the settings that would hold, and where each comes from."
        case .addUser: "Make an account; its password is read from standard input."
        case .setRole: "Give an account the role USER or ADMIN."
        case .disableUser: "Close an account: its sessions and tokens end, and it can't log in."
        case .enableUser: "Open a closed account again; it can log in."
        case .mintToken: "Print a fresh access token of an account."
        case .showToken: "Print what an access token says, and whether it is valid."
        case .backup: "Copy the store, consistent, into a new file; the server may be running."
        case .copy:
            "Copy everything between a data directory and Redis, verified; no node may be serving."
        }
    }

    /// Whether `setting` has a say in this command. Serving needs all; the others can be given only
    /// the flags that change what they do, though settings files and the environment are shared.
    func takes(_ setting: Setting) -> Bool {
        switch self {
        case .serve, .checkConfig: true
        case .addUser, .setRole, .disableUser, .enableUser, .backup:
            Self.place.contains(setting.name)
        case .mintToken:
            Self.place.union(["jwt-secret", "access-token-lifetime"]).contains(setting.name)
        case .showToken: Self.place.union(["jwt-secret"]).contains(setting.name)
        case .copy: false
        }
    }

    /// The settings that say where the data is.
    private static let place: Set = ["data", "redis", "redis-prefix", "redis-wait"]
}
