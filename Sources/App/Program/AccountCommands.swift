import App
import Engine
import Foundation
import Transport

/// The operator's commands on accounts. They work on the shared data, also while nodes serve from it.
struct AccountCommands {
    private let accounts: Accounts
    private let tokens: Tokens

    /// How long Redis may be away: somebody waits for the command.
    private static let redisPatience = Duration.seconds(5)

    /// Runs one command on what the configuration names, and lets go of it again.
    static func perform(
        _ configuration: Configuration,
        _ command: (AccountCommands) async throws(Failure) -> Void
    ) async throws(Failure) {
        let thread: LoopThread
        do {
            thread = try LoopThread(running: EventLoop(), name: "loop")
        } catch {
            throw Failure(error.description)
        }
        let outcome: Failure?
        do {
            try await perform(configuration, on: thread.loop, command)
            outcome = nil
        } catch {
            outcome = error
        }
        thread.loop.close()
        await ThisProcess.onThread { thread.join() }
        if let outcome { throw outcome }
    }

    private static func perform(
        _ configuration: Configuration, on loop: EventLoop,
        _ command: (AccountCommands) async throws(Failure) -> Void
    ) async throws(Failure) {
        let now: @Sendable () -> Int64 = { SystemClock.wallMs() }
        // Whoever typed the command sees its outcome: the log is for what went wrong.
        let log = Log(max(configuration.logLevel, .warning))
        let shared = try await SharedData.open(
            configuration, loops: [loop], waiting: redisPatience, log: log, now: now)
        let outcome: Failure?
        do {
            try await command(AccountCommands(configuration, shared, now: now))
            outcome = nil
        } catch {
            outcome = error
        }
        await shared.close()
        if let outcome { throw outcome }
    }

    private init(
        _ configuration: Configuration, _ shared: SharedData,
        now: @escaping @Sendable () -> Int64
    ) {
        // Nodes that serve from the same store find the changes in it.
        let authority = AuthorityLog(store: shared.store, now: now)
        let pool = BlockingPool(threads: 1, queueDepthMax: 1)
        accounts = Accounts(
            store: shared.store, passwords: PasswordHasher(pool: pool),
            throttle: shared.throttle, authority: authority, now: now)
        tokens = Tokens(
            store: shared.store, keys: shared.keys, settings: Tokens.Settings(configuration),
            authority: authority, now: now)
    }

    /// Makes an account that signs in with a plain name; the password is a line of standard input.
    func add(_ name: String) async throws(Failure) {
        guard let password = readLine(strippingNewline: true) else {
            throw Failure("the password is expected as a line on standard input")
        }
        let account = try await performing { () async throws(AccountError) in
            try await accounts.addByOperator(loginName: name, password: password)
        }
        Console.say("added \(name) as user \(account.id)\n")
    }

    func setRole(_ name: String, _ role: Role) async throws(Failure) {
        let account = try await account(name)
        _ = try await performing { () async throws(AccountError) in
            try await accounts.setRole(account.id, to: role)
        }
        Console.say("\(name) has the role \(role.rawValue)\n")
    }

    func setDisabled(_ name: String, to isDisabled: Bool) async throws(Failure) {
        let account = try await account(name)
        _ = try await performing { () async throws(AccountError) in
            try await accounts.setDisabled(account.id, to: isDisabled)
        }
        Console.say("\(name) is \(isDisabled ? "disabled" : "enabled")\n")
    }

    /// Prints an access token for an account.
    func mintToken(_ name: String) async throws(Failure) {
        let account = try await account(name)
        do {
            Console.say(try await tokens.open(for: account).accessToken + "\n")
        } catch {
            throw Failure("the token could not be stored: \(error)")
        }
    }

    /// Prints what a token says and whether it holds.
    func showToken(_ token: String) async throws(Failure) {
        do {
            let identity = try await tokens.verify(token)
            let expiry = identity.expiresAtMs.map { Timestamp.text($0) } ?? "never"
            Console.say(
                "valid: user \(identity.user) (\(identity.name)), role "
                    + "\(identity.role.rawValue), ends \(expiry)\n")
        } catch {
            switch error {
            case .rejected(let reason): throw Failure("the token is not valid: \(reason)")
            case .revoked: throw Failure("the token was revoked")
            case .unknownRefreshToken, .reusedRefreshToken:
                throw Failure("this is no access token")
            case .store(let reason): throw Failure("the token could not be checked: \(reason)")
            }
        }
    }

    private func account(_ name: String) async throws(Failure) -> Account {
        let found = try await performing { () async throws(AccountError) in
            try await accounts.account(login: name)
        }
        guard let found else { throw Failure("there is no account '\(name)'") }
        return found
    }

    private func performing<Value>(
        _ work: () async throws(AccountError) -> Value
    ) async throws(Failure) -> Value {
        do {
            return try await work()
        } catch {
            switch error {
            case .invalid(let problems):
                throw Failure(problems.map { "\($0.field): \($0.reason)" }.joined(separator: " "))
            case .nameTaken: throw Failure("the name is taken")
            case .wrongCredentials: throw Failure("the name or the password is wrong")
            case .disabled: throw Failure("the account is disabled")
            case .noSuchAccount: throw Failure("there is no such account")
            case .throttled, .overloaded: throw Failure("too much at once; try again")
            case .store(let reason): throw Failure("the store does not work: \(reason)")
            }
        }
    }
}
