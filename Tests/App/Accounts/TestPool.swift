@testable import App

/// The one pool of threads that all tests hash passwords on. It lives as long as the process.
enum TestPool {
    static let shared = BlockingPool(threads: 2, queueDepthMax: 1_024)
}
