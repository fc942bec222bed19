import Synchronization
import Testing

@testable import App

struct TurnstileTests {
    private final class Tally: Sendable {
        private let counts = Mutex((inside: 0, most: 0, total: 0))

        func come() {
            counts.withLock { counts in
                counts.inside += 1
                counts.total += 1
                counts.most = max(counts.most, counts.inside)
            }
        }

        func go() {
            counts.withLock { $0.inside -= 1 }
        }

        var line: String { counts.withLock { "\($0.total), now \($0.inside), most \($0.most)" } }
    }

    @Test func `so many are inside at a time, and everybody gets in`() async {
        let turnstile = Turnstile(countMax: 3)
        let tally = Tally()
        for _ in 0..<3 { await turnstile.enter() }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    await turnstile.enter()
                    tally.come()
                    await Task.yield()
                    tally.go()
                    turnstile.leave()
                }
            }
            // One place for a hundred.
            turnstile.leave()
            await group.waitForAll()
        }
        #expect(tally.line == "100, now 0, most 1")
    }
}
