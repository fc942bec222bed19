/// The commands that a link sends of its own accord, with their arguments.
enum RedisCommands {
    /// What the server is to others: `role` and `master_replid`.
    static let replication = command("INFO", "replication")

    static func select(_ database: Int) -> [[UInt8]] {
        command("SELECT", String(database))
    }

    /// Signs in: with a password alone as the default user.
    static func authenticate(user: String?, password: [UInt8]) -> [[UInt8]] {
        [Array("AUTH".utf8)] + (user.map { [Array($0.utf8)] } ?? []) + [password]
    }

    /// What is said of a server that answers `authenticate` with these words: the first of them alone,
    /// since of a command that it doesn't know a server repeats the arguments, the password here.
    static func passwordRefusal(_ words: String) -> String {
        "\(words.prefix { $0 != " " }): the server refused the password"
    }

    static func subscribe(to channels: [[UInt8]]) -> [[UInt8]] {
        [Array("SUBSCRIBE".utf8)] + channels
    }

    static func unsubscribe(from channel: [UInt8]) -> [[UInt8]] {
        [Array("UNSUBSCRIBE".utf8), channel]
    }

    /// Asks a sentinel for the primary's address.
    static func primary(named name: String) -> [[UInt8]] {
        command("SENTINEL", "get-master-addr-by-name", name)
    }

    /// Waits until so many replicas have everything that this connection wrote.
    static func wait(replicaCount: Int, timeoutMs: Int64) -> [[UInt8]] {
        command("WAIT", String(replicaCount), String(timeoutMs))
    }

    /// Runs a script and makes it known to the server.
    static func evaluate(
        _ script: RedisScript, keys: [[UInt8]], arguments: [[UInt8]]
    ) -> [[UInt8]] {
        run(eval, Array(script.source.utf8), keys, arguments)
    }

    /// Runs a script that the server knows.
    static func evaluateKnown(
        _ script: RedisScript, keys: [[UInt8]], arguments: [[UInt8]]
    ) -> [[UInt8]] {
        run(evalsha, script.digest, keys, arguments)
    }

    private static func run(
        _ name: [UInt8], _ script: [UInt8], _ keys: [[UInt8]], _ arguments: [[UInt8]]
    ) -> [[UInt8]] {
        var command: [[UInt8]] = []
        command.reserveCapacity(3 + keys.count + arguments.count)
        command.append(name)
        command.append(script)
        command.append(keys.count < 10 ? digits[keys.count] : Array(String(keys.count).utf8))
        command.append(contentsOf: keys)
        command.append(contentsOf: arguments)
        return command
    }

    private static let eval = Array("EVAL".utf8)
    private static let evalsha = Array("EVALSHA".utf8)
    /// The small numbers, made once.
    private static let digits = (0..<10).map { Array(String($0).utf8) }

    private static func command(_ words: String...) -> [[UInt8]] {
        words.map { Array($0.utf8) }
    }
}
