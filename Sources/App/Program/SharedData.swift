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
    /// Finishes what waits and lets go of everything; what is asked later fails.
    let close: @Sendable () async -> Void

    /// Opens the embedded database in the data directory, which is made where it does not exist.
    static func openEmbedded(
        _ configuration: Configuration, log: Log, now: @escaping @Sendable () -> Int64
    ) throws(Failure) -> SharedData {
        let database = try openDatabase(configuration, log: log, now: now)
        let keys = try keys(configuration) { () throws(SigningKeyError) in
            try SigningKeyFile.load(path: configuration.data + "/keys.json")
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

    /// The configured key, or else those that `kept` finds or makes.
    private static func keys(
        _ configuration: Configuration, orElse kept: () throws(SigningKeyError) -> SigningKeys
    ) throws(Failure) -> SigningKeys {
        do throws(SigningKeyError) {
            guard let secret = configuration.jwtSecret else { return try kept() }
            return SigningKeys(current: try SigningKey(shared: secret.bytes))
        } catch {
            throw Failure(error.description)
        }
    }
}
