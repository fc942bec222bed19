import Engine
import Glibc
import Synchronization

/// One thread that waits for the kernel and runs everything pinned to it: actors' jobs, posted work,
/// timers.
///
/// The loop's owner runs `turn` again and again on the loop's thread; each turn waits, runs what is
/// due, and hands back what the kernel reported. Only `let`s, a mutex and atomics: the descriptors'
/// owner is whoever runs the turns.
public final class EventLoop: SerialExecutor, Loop {
    private let poller: Poller
    private let inbox = Mutex(Inbox())
    private let timers = Mutex(Timers())
    private let sources = Mutex(DescriptorSources())
    /// How many there are, to be seen without the mutex.
    private let sourceCount = Atomic<Int>(0)
    /// The loop's thread once it runs; 0 before.
    private let threadID = Atomic<UInt>(0)

    private struct Inbox {
        var items: [Item] = []
        /// Takes the place of `items` when those are run, so that neither is made anew.
        var spare: [Item] = []
        /// Whether the loop is about to wait or waits: only then must the kernel be asked to wake it.
        var isSleeping = false
        var isClosed = false
    }

    private enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    public init() throws(SystemError) {
        poller = try Poller()
    }

    deinit {
        poller.close()
    }

    // MARK: From any thread

    public var isCurrent: Bool {
        threadID.load(ordering: .relaxed) == UInt(pthread_self())
    }

    public var nowMs: Int64 { Self.nowMs() }

    public func enqueue(_ job: consuming ExecutorJob) {
        put(.job(UnownedJob(job)))
    }

    public func post(_ work: @escaping @Sendable () -> Void) {
        put(.work(work))
    }

    public func schedule(afterMs delayMs: Int64, _ work: @escaping @Sendable () -> Void) {
        let dueMs = Self.nowMs() + max(0, delayMs)
        let isFirst = timers.withLock { timers in
            let before = timers.nextDueMs
            timers.insert(dueMs: dueMs, work)
            return before.map { dueMs < $0 } ?? true
        }
        if isFirst, !isCurrent { post {} }
    }

    public func checkIsolated() {
        precondition(isCurrent, "this code belongs to another event loop")
    }

    private func put(_ item: Item) {
        let mustWake = inbox.withLock { inbox in
            inbox.items.append(item)
            defer { inbox.isSleeping = false }
            return inbox.isSleeping
        }
        if mustWake { poller.interrupt() }
    }

    /// Milliseconds of the monotonic clock.
    public static func nowMs() -> Int64 { SystemClock.monotonicMs() }

    // MARK: On the loop's thread

    /// Makes the calling thread the loop's: from here on it runs what is enqueued, until `close`.
    ///
    /// The first job is usually a long one, its owner's cycle of `turn`s, which runs all the others
    /// nested; on its own, `run` serves actors and sources, and no other descriptors. `SIGPIPE` is
    /// blocked on the thread from here on: who writes to a peer that is gone gets an error.
    public func run() {
        threadID.store(UInt(pthread_self()), ordering: .relaxed)
        Self.blockBrokenPipes()
        var ready: [Readiness] = []
        var itemsUntilWait = Self.itemsBetweenWaits
        while !isFinished {
            // One item at a time: the owner's job never returns, and must find the others in the
            // inbox.
            if itemsUntilWait > 0, let item = takeFirst() {
                itemsUntilWait -= 1
                perform(item)
            } else {
                itemsUntilWait = Self.itemsBetweenWaits
                wait(into: &ready)
                runDueTimers()
            }
        }
        threadID.store(0, ordering: .relaxed)
    }

    private static func blockBrokenPipes() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Whether the loop was closed and everything enqueued before has run.
    var isFinished: Bool {
        inbox.withLock { $0.isClosed && $0.items.isEmpty }
    }

    private func takeFirst() -> Item? {
        inbox.withLock { $0.items.isEmpty ? nil : $0.items.removeFirst() }
    }

    /// Lets `run` return once the inbox is empty. What is enqueued later never runs.
    public func close() {
        inbox.withLock { $0.isClosed = true }
        poller.interrupt()
    }

    /// Waits until something happens, at most until the next timer, runs jobs, work and timers, and
    /// replaces `ready` with what the kernel reported.
    public func turn(into ready: inout [Readiness]) {
        wait(into: &ready)
        runDueTimers()
        drain()
    }

    private func wait(into ready: inout [Readiness]) {
        let timeoutMs = timeoutBeforeSleep()
        poller.wait(timeoutMs: timeoutMs, into: &ready)
        inbox.withLock { $0.isSleeping = false }
        if sourceCount.load(ordering: .relaxed) > 0 { serveSources(&ready) }
    }

    /// Runs what is in the inbox and what that puts there, in order, up to a bound that keeps the
    /// descriptors from starving.
    package func drain() {
        for _ in 0..<Self.drainRoundsMax {
            var batch = inbox.withLock { inbox in
                exchange(&inbox.items, with: exchange(&inbox.spare, with: []))
            }
            guard !batch.isEmpty else { return giveBack(batch) }
            for item in batch { perform(item) }
            batch.removeAll(keepingCapacity: true)
            giveBack(batch)
        }
    }

    private func giveBack(_ batch: consuming [Item]) {
        guard batch.capacity <= Self.spareItemsMax else { return }
        inbox.withLock { $0.spare = batch }
    }

    private static let drainRoundsMax = 16
    /// How many items `run` performs before it looks at descriptors and timers again.
    private static let itemsBetweenWaits = 256
    /// A longer inbox was a burst, whose memory is not kept.
    private static let spareItemsMax = 4_096

    private func perform(_ item: Item) {
        switch item {
        case .job(let job): unsafe job.runSynchronously(on: asUnownedSerialExecutor())
        case .work(let work): work()
        }
    }

    private func timeoutBeforeSleep() -> Int32 {
        let due = timers.withLock { $0.nextDueMs }
        let untilDue = due.map { max(0, min($0 - Self.nowMs(), 60_000)) } ?? -1
        return inbox.withLock { inbox in
            guard inbox.items.isEmpty, !inbox.isClosed else { return 0 }
            inbox.isSleeping = true
            return Int32(untilDue)
        }
    }

    private func runDueTimers() {
        let nowMs = Self.nowMs()
        while let work = timers.withLock({ $0.popDue(nowMs: nowMs) }) { work() }
    }

    // MARK: Descriptors, on the loop's thread

    /// Watches a descriptor under a number of the caller's; each `turn` reports it for as long as it
    /// is ready. The numbers of `DescriptorSources` and the largest one are taken.
    public func watch(
        _ descriptor: Int32, for interest: Interest, tag: UInt64
    ) throws(SystemError) {
        try poller.add(descriptor, for: interest, tag: tag)
    }

    /// Changes what a watched descriptor is watched for.
    public func change(_ descriptor: Int32, to interest: Interest, tag: UInt64) {
        poller.modify(descriptor, for: interest, tag: tag)
    }

    /// Stops watching. Must come before the descriptor is closed.
    public func unwatch(_ descriptor: Int32) {
        poller.remove(descriptor)
    }

    // MARK: Sources, on the loop's thread

    /// Watches a descriptor for a source: the loop tells it by itself, before the turn's owner sees
    /// what else was reported. Returns the number for `change` and `remove`.
    func add(
        _ source: any DescriptorSource, _ descriptor: Int32, for interest: Interest
    ) throws(SystemError) -> UInt64 {
        let tag = sources.withLock { $0.insert(source) }
        do {
            try poller.add(descriptor, for: interest, tag: tag)
        } catch {
            sources.withLock { $0.remove(tag) }
            throw error
        }
        sourceCount.add(1, ordering: .relaxed)
        return tag
    }

    /// Stops watching for a source. Must come before the descriptor is closed; what the kernel has
    /// already reported is dropped.
    func remove(_ tag: UInt64, _ descriptor: Int32) {
        poller.remove(descriptor)
        sources.withLock { $0.remove(tag) }
        sourceCount.subtract(1, ordering: .relaxed)
    }

    /// Takes out of `ready` what concerns sources, and tells them.
    private func serveSources(_ ready: inout [Readiness]) {
        var keptCount = 0
        for index in ready.indices {
            let readiness = ready[index]
            if DescriptorSources.owns(readiness.tag) {
                sources.withLock { $0[readiness.tag] }?.ready(readiness)
            } else {
                ready[keptCount] = readiness
                keptCount += 1
            }
        }
        ready.removeLast(ready.count - keptCount)
    }
}
