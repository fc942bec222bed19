import Synchronization

/// Counts the connections of the whole process and of each address, and says when there are enough.
public final class Census: Sendable {
    private struct Count {
        var total = 0
        var byHost: [String: Int] = [:]
    }

    private let count = Mutex(Count())
    private let totalMax: Int
    private let perHostMax: Int

    /// `perHostMax` counts connections from one address, as the kernel sees it.
    public init(totalMax: Int, perHostMax: Int) {
        self.totalMax = totalMax
        self.perHostMax = perHostMax
    }

    /// Connections that are open now.
    public var total: Int { count.withLock { $0.total } }

    /// Counts a connection in; false where a bound forbids it.
    func admit(_ host: String) -> Bool {
        count.withLock { count in
            guard count.total < totalMax, count.byHost[host, default: 0] < perHostMax else {
                return false
            }
            count.total += 1
            count.byHost[host, default: 0] += 1
            return true
        }
    }

    /// Counts it out again.
    func release(_ host: String) {
        count.withLock { count in
            count.total -= 1
            let rest = count.byHost[host, default: 0] - 1
            count.byHost[host] = rest > 0 ? rest : nil
        }
    }
}
