import Dispatch
import Foundation
import Glibc
import Synchronization

/// A thread of its own that does the work handed to it, in order, everything that waits at once.
///
/// Handing work over never blocks. While a batch runs the next one gathers, so batches grow with
/// the load by themselves; where it lingers, they also grow while it waits.
final class BatchThread<Item: Sendable>: Sendable {
    /// What became of a piece of work that was handed over.
    enum Admission: Sendable {
        case admitted
        /// As much waits as may; the work was not taken.
        case full
        /// The thread has ended or is about to; the work was not taken.
        case closed
    }

    private struct State {
        var waiting: [Item] = []
        /// What those hold.
        var waitingBytes = 0
        /// Admitted and not done yet; `waiting` is a part of it.
        var unfinished = 0
        /// What they hold, in bytes.
        var unfinishedBytes = 0
        /// Not nil while the thread waits for a larger batch.
        var gathering: Gathering?
        var isClosed = false
    }

    private struct Gathering {
        /// Half the time.
        let lateFrom: ContinuousClock.Instant
        /// What has come since then.
        var lateCount = 0
    }

    private let unfinishedMax: Int
    private let unfinishedBytesMax: Int
    private let batchMax: Int
    private let lingers: Bool
    private let state = Mutex(State())
    /// Signalled once each time `waiting` stops being empty, and once on closing.
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// At most `unfinishedMax` items wait, which hold `unfinishedBytesMax` bytes at most, and a batch
    /// holds at most `batchMax` of them. Where it `lingers`, a batch waits for more while `Linger`
    /// finds that worth it.
    init(
        unfinishedMax: Int, unfinishedBytesMax: Int = .max, batchMax: Int, lingers: Bool
    ) {
        self.unfinishedMax = unfinishedMax
        self.unfinishedBytesMax = unfinishedBytesMax
        self.batchMax = batchMax
        self.lingers = lingers
    }

    /// Starts the thread, which lives until `close` and calls `run` with one batch after another.
    /// To be called once.
    func start(name: String, run: @escaping @Sendable (ArraySlice<Item>) -> Void) {
        let thread = Thread { self.loop(run) }
        thread.name = name
        thread.start()
    }

    /// Hands over a piece of work that holds so many bytes. An `urgent` one is admitted beyond the bound: for the few kinds
    /// that must not be lost and are bounded by something else.
    func submit(_ item: Item, bytes: Int = 0, urgent: Bool = false) -> Admission {
        let (admission, isFirst) = state.withLock { state -> (Admission, Bool) in
            guard !state.isClosed else { return (.closed, false) }
            let mayWait =
                state.unfinished < unfinishedMax && state.unfinishedBytes < unfinishedBytesMax
            guard urgent || mayWait else { return (.full, false) }
            state.unfinished += 1
            state.unfinishedBytes += bytes
            state.waitingBytes += bytes
            state.waiting.append(item)
            if let gathering = state.gathering, gathering.lateFrom <= .now {
                state.gathering?.lateCount += 1
            }
            return (.admitted, state.waiting.count == 1)
        }
        if isFirst { wake.signal() }
        return admission
    }

    /// Takes no more work, finishes what was admitted, and waits for that. Must not be called from
    /// the thread itself.
    func close() {
        let wasClosed = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        if !wasClosed { wake.signal() }
        ended.wait()
        // For whoever else closes it.
        ended.signal()
    }

    private func loop(_ run: (ArraySlice<Item>) -> Void) {
        var linger = Linger()
        while true {
            wake.wait()
            if lingers { gather(&linger) }
            let (items, bytes, isClosed) = state.withLock { state in
                defer {
                    state.waiting = []
                    state.waitingBytes = 0
                }
                return (state.waiting, state.waitingBytes, state.isClosed)
            }
            // Items come with a signal of their own: without any, this one was `close`.
            if isClosed && items.isEmpty { break }
            var rest = items[...]
            while !rest.isEmpty {
                let batch = rest.prefix(batchMax)
                run(batch)
                state.withLock { $0.unfinished -= batch.count }
                rest = rest.dropFirst(batch.count)
            }
            state.withLock { $0.unfinishedBytes -= bytes }
        }
        ended.signal()
    }

    /// Waits where that makes the batch worth more. Nobody can end the wait: it is short.
    private func gather(_ linger: inout Linger) {
        let rowCount = state.withLock { state in
            let rowCount = state.waiting.count
            if linger.isDue(waiting: rowCount) {
                let lateFrom = ContinuousClock.now + .microseconds(Linger.spanUs / 2)
                state.gathering = Gathering(lateFrom: lateFrom)
            }
            return rowCount
        }
        guard linger.isDue(waiting: rowCount) else { return linger.begins(rowCount: rowCount) }
        usleep(Linger.spanUs)
        let gathering = state.withLock { exchange(&$0.gathering, with: nil) }
        linger.begins(lateRowCount: gathering?.lateCount ?? 0)
    }
}
