import Foundation
import Measure

/// What connections show in CONNECT to say who they are.
enum Credentials: Hashable, Sendable {
    case nothing
    case login(String, passcode: String)
    /// Dealt to the connections in turn; never empty.
    case tokens([String])
    /// Accounts of our own, made through PetNexus's REST; their tokens are dealt in turn.
    case accounts(Int)

    /// The flags that choose one.
    static let flags = [
        Flag("login", "NAME", "Sign in with this name and --passcode."),
        Flag("passcode", "SECRET", "The password of --login."),
        Flag("token", "TOKEN", "Sign in with this access token."),
        Flag("tokens-file", "FILE", "Sign in with these tokens, one a line, dealt in turn."),
    ]

    /// Reads the flags; `nothing` where none of them is there.
    init(_ values: FlagValues) throws(FlagError) {
        let chosen = ["login", "token", "tokens-file"].filter(values.has)
        guard chosen.count <= 1 else {
            throw .contradiction("--\(chosen[0]) and --\(chosen[1]) are two ways to sign in")
        }
        guard values.has("login") == values.has("passcode") else {
            throw .contradiction("--login and --passcode belong together")
        }
        if let login = values.text("login"), let passcode = values.text("passcode") {
            self = .login(login, passcode: passcode)
        } else if let token = values.text("token") {
            self = .tokens([token])
        } else if let path = values.text("tokens-file") {
            self = .tokens(try Self.tokens(in: path))
        } else {
            self = .nothing
        }
    }

    /// What the flags gave, each with the flag's name.
    var texts: [(flag: String, text: String)] {
        switch self {
        case .nothing, .accounts: []
        case .login(let name, let passcode): [("--login", name), ("--passcode", passcode)]
        case .tokens(let tokens): tokens.map { ("the token", $0) }
        }
    }

    private static func tokens(in path: String) throws(FlagError) -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unusable("--tokens-file", value: path, reason: "can't be read")
        }
        let tokens = String(decoding: data, as: UTF8.self)
            .split(whereSeparator: \.isWhitespace).map(String.init)
        guard !tokens.isEmpty else {
            throw .unusable("--tokens-file", value: path, reason: "holds no token")
        }
        return tokens
    }
}
