import App
import Engine
import Foundation
import Transport

/// What everybody who serves a community shares, behind the ports that a node and the operator's
/// commands know: where it is kept is decided here and nowhere else.
struct SharedData: Sendable {
    let broker: any Broker
    let store: any Store
    /// The keys that sign tokens.
    let keys: SigningKeys
    /// Counts whoever tries passwords, on all nodes.
    let throttle: any LoginThrottle
    /// Finds out whether the data can be written now.
    let probe: HealthRoutes.Probe
    /// Finishes what waits and lets go of everything; what is asked later fails. Where the data is in
    /// Redis, the loops must still turn.
    let close: @Sendable () async -> Void

    /// Opens the data that the configuration names. What is in Redis is spoken to from `loops`, which
    /// must turn; for a server that can't be used yet, it waits for as long as `patience`.
    static func open(
        _ configuration: Configuration, loops: [EventLoop], waiting patience: Duration, log: Log,
        now: @escaping @Sendable () -> Int64
    ) async throws(Failure) -> SharedData {
        guard let redis = configuration.redisSettings else {
            return try openEmbedded(configuration, log: log, now: now)
        }
        return try await openRedis(
            redis, configuration, loops: loops, waiting: patience, log: log, now: now)
    }

    private static func openEmbedded(
        _ configuration: Configuration, log: Log, now: @escaping @Sendable () -> Int64
    ) throws(Failure) -> SharedData {
        let database = try openDatabase(configuration, log: log, now: now)
        let keys: SigningKeys
        do throws(SigningKeyError) {
            if let shared = try sharedKeys(configuration) {
                keys = shared
            } else {
                keys = try SigningKeyFile.load(path: configuration.data + "/keys.json")
            }
        } catch {
            throw Failure(error.description)
        }
        return SharedData(
            broker: SQLiteBroker(database), store: SQLiteStore(database), keys: keys,
            throttle: LocalLoginThrottle(LoginLimits(configuration)),
            probe: {
                switch await database.probe() {
                case .working: nil
                case .failing(let reason): reason
                }
            },
            close: { await ThisProcess.onThread { database.close() } })
    }

    private static func openDatabase(
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

    /// The key that the operator configured; nil where it is to be kept with the data.
    static func sharedKeys(
        _ configuration: Configuration
    ) throws(SigningKeyError) -> SigningKeys? {
        guard let secret = configuration.jwtSecret else { return nil }
        return SigningKeys(current: try SigningKey(shared: secret.bytes))
    }
}
