import Engine
import TestSupport
import Testing
import Glibc
import Synchronization

final class Box: Sendable { let c = Mutex<CheckedContinuation<Int, Never>?>(nil) }
protocol P { func wait(_ b: Box) async -> Int
 func g<V: Sendable>(_ b: Box, _ f: @escaping @Sendable (Int) -> V) async -> V }
struct S: P {
    func wait(_ b: Box) async -> Int {
        await withCheckedContinuation { c in b.c.withLock { $0 = c } }
    }
    func g<V: Sendable>(_ b: Box, _ f: @escaping @Sendable (Int) -> V) async -> V {
        let v: Int = await withCheckedContinuation { c in b.c.withLock { $0 = c } }
        return f(v)
    }
}
actor A {
    let loop: ManualLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
    init(_ l: ManualLoop) { loop = l }
    func go(_ b: Box, _ how: Int) {
        Task {
            print("start current", loop.isCurrent)
            let s: any P = S()
            let v = switch how {
            case 0: await s.wait(b)
            case 1: await S().wait(b)
            case 2: await s.g(b) { $0 }
            default: await withCheckedContinuation { c in b.c.withLock { $0 = c } }
            }
            print("done", how, v, "current", loop.isCurrent)
        }
    }
}

struct DebugTests {
    @Test(arguments: [3]) func `debug`(how: Int) {
        let clock = ManualClock()
        let loop = ManualLoop(clock: clock)
        let a = A(loop); let b = Box()
        loop.post { a.assumeIsolated { $0.go(b, how) } }
        loop.run()
        print("resuming", pthread_self()); b.c.withLock { $0?.resume(returning: 5) }
        print("right after", how, loop.canRun)
        loop.run()
        usleep(50000)
        print("later", how, loop.canRun)
        loop.run()
    }
}
