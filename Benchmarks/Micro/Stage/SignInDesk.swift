import App
import Engine
import Transport

/// Lets people in on an event loop, as a connection's reactor does when CONNECT brings a token: a
/// task of its own for each asks the gate of a real node.
actor SignInDesk {
    private nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let gate: any Authenticator
    private let credentials: [Credentials]
    /// Whose turn it is among the credentials.
    private var turn = 0
    private var admittedCount = 0

    /// Runs `body` with a desk at which so many different tokens of one person are shown in turn.
    static func with(
        tokenCount: Int, _ body: (SignInDesk) async throws -> Measurement
    ) async throws -> Measurement {
        let store = RecordsAtHand()
        let pool = BlockingPool(threads: 1, queueDepthMax: 1)
        defer { pool.close() }
        let authority = AuthorityLog(store: store, now: { Sample.nowMs })
        let accounts = Accounts(
            store: store, passwords: PasswordHasher(pool: pool), throttle: LocalLoginThrottle(),
            authority: authority, now: { Sample.nowMs })
        let key = try SigningKey(shared: Sample.text(byteCount: 32))
        let tokens = Tokens(
            store: store, keys: SigningKeys(current: key), authority: authority,
            now: { Sample.nowMs })
        let account = try await accounts.addByOperator(loginName: "mina", password: "words of mine")
        var credentials: [Credentials] = []
        for _ in 0..<tokenCount {
            let token = try await tokens.open(for: account).accessToken
            credentials.append(Credentials(login: nil, secret: token, address: "192.0.2.7"))
        }

        let loop = try EventLoop()
        let thread = try LoopThread(running: loop, name: "desk")
        defer {
            loop.close()
            thread.join()
        }
        return try await body(
            SignInDesk(
                on: loop, SignInGate(accounts: accounts, tokens: tokens), showing: credentials))
    }

    private init(on loop: EventLoop, _ gate: any Authenticator, showing credentials: [Credentials])
    {
        self.loop = loop
        self.gate = gate
        self.credentials = credentials
    }

    /// Measures sign-ins one after the other, on the loop's thread.
    func measure(_ name: String, _ meter: Meter) -> Measurement {
        meter.measure(name) { count in
            let before = admittedCount
            for _ in 0..<count {
                let shown = credentials[turn]
                turn = (turn + 1) % credentials.count
                Task { await admit(shown) }
                loop.drain()
            }
            precondition(admittedCount - before == count, "everybody was let in")
            return admittedCount
        }
    }

    private func admit(_ credentials: Credentials) async {
        do throws(Refusal) {
            _ = try await gate.authenticate(credentials)
            admittedCount += 1
        } catch {
            preconditionFailure("the token is good")
        }
    }
}
