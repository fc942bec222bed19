import App
import Transport

/// What serving and the operator's commands open alike.
enum EmbeddedStore {
    static func open(
        _ configuration: Configuration, log: Log, now: @escaping @Sendable () -> Int64
    ) throws(Failure) -> SQLiteDatabase {
        var random = SystemRandomNumberGenerator()
        do {
            return try SQLiteDatabase.open(
                directory: configuration.data, using: &random, now: now
            ) { health in
                switch health {
                case .working: log.info("store-works-again")
                case .failing(let reason): log.error("store-fails", ["reason": reason])
                }
            }
        } catch {
            throw Failure(error.description)
        }
    }

    /// The keys that sign tokens: the configured one, or those in the data directory.
    static func keys(_ configuration: Configuration) throws(Failure) -> SigningKeys {
        do throws(SigningKeyError) {
            guard let secret = configuration.jwtSecret else {
                return try SigningKeyFile.load(path: configuration.data + "/keys.json")
            }
            return SigningKeys(current: try SigningKey(shared: secret.bytes))
        } catch {
            throw Failure(error.description)
        }
    }
}
