import Foundation
import Synchronization

/// Ends the process when no input was finished for the limit, which an endless loop in a parser
/// would do. A thread of its own, since the looping one can't tell; it lives as long as the process.
final class Watchdog: Sendable {
    private let finished = Atomic<UInt64>(0)

    init(limit: Duration, statePath: String) {
        Thread.detachNewThread { [self] in
            while true {
                let before = finished.load(ordering: .relaxed)
                Thread.sleep(forTimeInterval: TimeInterval(limit.components.seconds))
                guard finished.load(ordering: .relaxed) == before else { continue }
                print("HANG: an input has run for \(limit); run it again with")
                print("  fuzz --replay \"$(head -n 1 \(statePath))\"")
                exit(1)
            }
        }
    }

    /// Says that an input was finished.
    func feed() {
        finished.wrappingAdd(1, ordering: .relaxed)
    }
}
