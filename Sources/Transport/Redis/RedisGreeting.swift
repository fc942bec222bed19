import Engine

/// What is said first over a connection for commands: who we are, which database, and what the
/// server is. In the end the data set's life is known, begun where it had none or where the
/// replication id says that it may not continue what was.
struct RedisGreeting {
    enum Outcome: Equatable {
        case continues
        /// Nothing was said before these.
        case send([[UInt8]])
        case greeted(life: Epoch)
        case failed(String)
    }

    private enum Step {
        case authenticate
        case select
        case role
        case life
    }

    private var steps: [Step]
    private let lifeKey: [UInt8]
    /// What a new life would be called.
    private let freshLife: Epoch

    /// Sends `commands` at first. A life is in the hash `lifeKey`; a new one is called `freshLife`.
    init(to server: RedisURL, lifeKey: [UInt8], freshLife: Epoch) {
        self.lifeKey = lifeKey
        self.freshLife = freshLife
        steps = [.role, .life]
        commands = [RedisCommands.replication]
        if server.database != 0 {
            steps.insert(.select, at: 0)
            commands.insert(RedisCommands.select(server.database), at: 0)
        }
        if let command = server.authentication {
            steps.insert(.authenticate, at: 0)
            commands.insert(command, at: 0)
        }
    }

    /// What is said without waiting for an answer.
    private(set) var commands: [[[UInt8]]]

    /// The next answer has come.
    mutating func received(_ value: RedisValue) -> Outcome {
        if case .error(let words) = value {
            return .failed(
                steps.first == .authenticate ? RedisCommands.passwordRefusal(words) : words)
        }
        guard !steps.isEmpty else { return .failed("an answer to nothing") }
        switch steps.removeFirst() {
        case .authenticate, .select:
            return .continues
        case .role:
            guard let replication = value.text.flatMap(Replication.init) else {
                return .failed("INFO says nothing of replication")
            }
            guard replication.isPrimary else { return .failed("the server is a replica") }
            return .send(
                RedisCommands.evaluate(
                    Self.open, keys: [lifeKey],
                    arguments: [
                        Array(replication.id.utf8), Array(freshLife.description.utf8),
                    ]))
        case .life:
            guard let life = value.text.flatMap(Epoch.init(hexadecimal:)) else {
                return .failed("the life of the data set can't be read")
            }
            return .greeted(life: life)
        }
    }

    /// Begins a life where the data set has none, or one of another replication id.
    private static let open = RedisScript(
        "open",
        """
        local replid, id = unpack(redis.call('HMGET', KEYS[1], 'replid', 'id'))
        if replid ~= ARGV[1] or not id then
            id = ARGV[2]
            redis.call('HSET', KEYS[1], 'replid', ARGV[1], 'id', id)
        end
        return id
        """)

    /// What a server says of its part in replication.
    private struct Replication {
        var isPrimary = false
        var id = ""

        /// Nil unless both are there.
        init?(_ information: String) {
            var hasRole = false
            for line in information.split(whereSeparator: \.isNewline) {
                if line.hasPrefix("role:") {
                    hasRole = true
                    isPrimary = line == "role:master"
                } else if line.hasPrefix("master_replid:") {
                    id = String(line.dropFirst("master_replid:".count))
                }
            }
            guard hasRole, !id.isEmpty else { return nil }
        }
    }
}

extension Epoch {
    /// Reads what `description` writes.
    init?(hexadecimal text: String) {
        guard let number = UInt64(text, radix: 16) else { return nil }
        self.init(rawValue: number)
    }
}
