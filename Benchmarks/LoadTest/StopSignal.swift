import Dispatch
import Glibc
import Synchronization

/// Remembers that somebody asked the program to end: SIGTERM or Ctrl-C. Who asks twice means at once.
final class StopSignal {
    private let flag = Flag()
    private let sources: [any DispatchSourceSignal]

    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    /// Takes both signals over from here on. Loops see the flag the next time they are woken.
    init() {
        let flag = flag
        sources = [SIGTERM, SIGINT].map { number in
            // Otherwise the signal ends the process before the source sees it.
            _ = signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if flag.isSet.exchange(true, ordering: .relaxed) { exit(128 + number) }
            }
            source.activate()
            return source
        }
    }

    var isSet: Bool { flag.isSet.load(ordering: .relaxed) }
}
