import Engine
import Testing

@testable import Transport

/// How streams are shared among servers.
struct RedisRingTests {
    private let streams = (0..<20_000).map { StreamName("chat/\($0)").stableHash }

    private func names(_ count: Int) -> [String] {
        (0..<count).map { "redis-\($0):6379/0" }
    }

    @Test(arguments: [2, 3, 5])
    func `every server has about its share`(count: Int) {
        let ring = RedisRing(names(count))
        let counts = Dictionary(grouping: streams) { ring.server(of: $0) }.mapValues(\.count)
        let share = Double(streams.count) / Double(count)
        #expect(counts.count == count)
        for found in counts.values {
            #expect(0.75 * share < Double(found) && Double(found) < 1.25 * share)
        }
    }

    @Test(arguments: [1, 2, 3, 7])
    func `a server that is added takes its share, and nothing moves between the others`(
        count: Int
    ) {
        let (before, after) = (RedisRing(names(count)), RedisRing(names(count + 1)))
        let moved = streams.filter { before.server(of: $0) != after.server(of: $0) }
        #expect(moved.allSatisfy { after.server(of: $0) == count })
        let share = Double(streams.count) / Double(count + 1)
        #expect(0.75 * share < Double(moved.count) && Double(moved.count) < 1.25 * share)
    }

    @Test func `the order in which servers are given doesn't matter`() {
        let names = names(4)
        let (one, other) = (RedisRing(names), RedisRing(names.reversed()))
        for stream in streams.prefix(1_000) {
            #expect(names[one.server(of: stream)] == names.reversed()[other.server(of: stream)])
        }
    }

    /// Another function would look for streams where they are not.
    @Test func `streams stay where earlier versions have put them`() {
        let ring = RedisRing(names(3))
        let servers = ["chat/1", "chat/2", "topic/news", "user/1", "", "events/42"].map {
            ring.server(of: StreamName($0).stableHash)
        }
        #expect(servers == [2, 0, 0, 1, 1, 0])
    }
}
