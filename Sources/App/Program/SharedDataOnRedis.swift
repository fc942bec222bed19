import App
import Engine
import Transport

extension SharedData {
    /// Connects to Redis, where there need be no data directory, and waits for it for a while.
    static func openRedis(
        _ settings: RedisSettings, _ configuration: Configuration, loops: [EventLoop],
        waiting patience: Duration, log: Log, now: @escaping @Sendable () -> Int64
    ) async throws(Failure) -> SharedData {
        let news = RedisLog(log)
        let servers = RedisServers.open(settings, loops: loops) { news.note($0) }
        let health = await servers.opened(withinMs: patience.wholeMilliseconds)
        guard health.isReady else {
            news.ends()
            await servers.close()
            throw Failure("Redis can't be used: \(health.failures.joined(separator: "; "))")
        }
        news.started()
        let store = RedisStore(servers, now: now)
        let keys: SigningKeys
        do throws(Failure) {
            try await checkFinished(servers, settings)
            keys = try await loadKeys(from: store, configuration)
        } catch {
            news.ends()
            await servers.close()
            throw error
        }
        let broker = RedisBroker(servers, now: now)
        return SharedData(
            broker: broker, store: store, keys: keys,
            throttle: SharedLoginThrottle(store, LoginLimits(configuration)),
            probe: { await trouble(of: servers, store) },
            close: {
                await broker.close()
                news.ends()
                await servers.close()
            })
    }

    /// Refuses what a copy has not filled yet.
    private static func checkFinished(
        _ servers: RedisServers, _ settings: RedisSettings
    ) async throws(Failure) {
        let hasUnfinishedCopy: Bool
        do {
            hasUnfinishedCopy = try await servers.hasUnfinishedCopy()
        } catch {
            throw Failure("Redis can't be used: \(error)")
        }
        if hasUnfinishedCopy {
            throw Failure(
                "\(settings.servers[0]) holds a copy that is not finished: run the same petnexus "
                    + "copy again")
        }
    }

    private static func loadKeys(
        from store: RedisStore, _ configuration: Configuration
    ) async throws(Failure) -> SigningKeys {
        do throws(SigningKeyError) {
            if let shared = try sharedKeys(configuration) { return shared }
            return try await StoredSigningKeys.load(from: store)
        } catch {
            throw Failure(error.description)
        }
    }

    /// A counter whose number says nothing.
    private static let probeCounter = "probe"

    /// What keeps the data from being written; nil: nothing does. A server may answer and yet refuse
    /// to write: for want of memory, of disk, of replicas.
    private static func trouble(of servers: RedisServers, _ store: RedisStore) async -> String? {
        let health = await servers.probe()
        guard health.isReady else { return health.failures.joined(separator: "; ") }
        do throws(StoreError) {
            _ = try await store.advance(probeCounter, by: 1)
            return nil
        } catch {
            return switch error {
            case .unavailable(let reason): reason
            case .conflict(let key): "a conflict over \(key)"
            }
        }
    }
}
