import Engine
import Synchronization

/// Whether every server can be used from every loop.
public struct RedisHealth: Hashable, Sendable {
    /// What is wrong, a sentence a server, without passwords; empty where nothing is.
    public let failures: [String]

    public var isReady: Bool { failures.isEmpty }
}

/// What becomes of a server, for the operator's log. Servers are named by their URLs without
/// passwords.
public enum RedisNews: Hashable, Sendable {
    /// The server can be used from every loop, for the first time or again.
    case opened(server: String)
    /// The server can't be used from some loop, and why. Said once, not at every attempt.
    case lost(server: String, reason: String)
}

/// Makes one piece of news of what happens to all the links of a server.
final class RedisWatch: RedisLinkObserver {
    private struct Server {
        let linkCount: Int
        var openLinks: Set<ObjectIdentifier> = []
        /// Why it was lost, once that was said.
        var lostFor: String?
    }

    private struct State {
        var servers: [String: Server]
        var waiting: [@Sendable () -> Void] = []

        var areAllOpen: Bool {
            servers.values.allSatisfy { $0.openLinks.count == $0.linkCount }
        }
    }

    private let state: Mutex<State>
    private let observe: @Sendable (RedisNews) -> Void

    /// Watches servers with these names, each with so many links.
    init(
        _ servers: [String], linkCount: Int, _ observe: @escaping @Sendable (RedisNews) -> Void
    ) {
        state = Mutex(
            State(
                servers: Dictionary(
                    servers.map { ($0, Server(linkCount: linkCount)) },
                    uniquingKeysWith: { one, _ in one })))
        self.observe = observe
    }

    /// Tells nothing more: the servers are being closed.
    func end() {
        state.withLock { $0.servers = [:] }
    }

    /// What is not open, and why.
    var health: RedisHealth {
        let lost = state.withLock { state in
            state.servers.filter { $0.value.openLinks.count < $0.value.linkCount }
        }
        return RedisHealth(
            failures: lost.sorted { $0.key < $1.key }.map { name, server in
                "\(name): \(server.lostFor ?? "not connected yet")"
            })
    }

    /// Calls `body` once everything is open, at once where it is.
    func whenAllOpen(_ body: @escaping @Sendable () -> Void) {
        let isOpen = state.withLock { state in
            if !state.areAllOpen { state.waiting.append(body) }
            return state.areAllOpen
        }
        if isOpen { body() }
    }

    func opened(_ link: RedisLink, life: Epoch) {
        let name = link.server.description
        let (isNews, waiting) = state.withLock { state -> (Bool, [@Sendable () -> Void]) in
            guard var server = state.servers[name] else { return (false, []) }
            server.openLinks.insert(ObjectIdentifier(link))
            let isNews = server.openLinks.count == server.linkCount
            if isNews { server.lostFor = nil }
            state.servers[name] = server
            return (isNews, state.areAllOpen ? exchange(&state.waiting, with: []) : [])
        }
        if isNews { observe(.opened(server: name)) }
        for body in waiting { body() }
    }

    func closed(_ link: RedisLink) {
        let name = link.server.description
        let reason = link.assumeIsolated { $0.reason }
        let isNews = state.withLock { state in
            guard var server = state.servers[name] else { return false }
            server.openLinks.remove(ObjectIdentifier(link))
            defer { state.servers[name] = server }
            defer { server.lostFor = reason }
            return server.lostFor == nil
        }
        if isNews { observe(.lost(server: name, reason: reason)) }
    }
}
