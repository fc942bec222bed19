import App
import Synchronization
import Transport

/// Tells the operator what becomes of the Redis servers.
final class RedisLog: Sendable {
    private enum Phase {
        /// A server that can't be used is one to wait for.
        case starting
        case running
        /// We are the ones who hang up.
        case ending
    }

    private struct State {
        var phase = Phase.starting
        /// Those that were said to be lost.
        var lost: Set<String> = []
    }

    private let log: Log
    private let state = Mutex(State())

    init(_ log: Log) {
        self.log = log
    }

    /// From here on, a server that can't be used is one that is lost.
    func started() {
        state.withLock { $0.phase = .running }
    }

    /// From here on, nothing is news.
    func ends() {
        state.withLock { $0.phase = .ending }
    }

    func note(_ news: RedisNews) {
        switch news {
        case .opened(let server):
            let wasLost = state.withLock { $0.lost.remove(server) != nil }
            log.info(wasLost ? "redis-works-again" : "redis-connected", ["server": server])
        case .lost(let server, let reason):
            let phase = state.withLock { state in
                state.lost.insert(server)
                return state.phase
            }
            switch phase {
            case .starting:
                log.warning("waiting-for-redis", ["server": server, "reason": reason])
            case .running: log.error("redis-lost", ["server": server, "reason": reason])
            case .ending: break
            }
        }
    }
}
