import CountedAllocations

/// What the calling thread has asked of the allocator and of the kernel, counted since the thread
/// began; the difference of two is what was done between them.
struct Work: Equatable, Sendable {
    let allocations: UInt64
    /// Asked for, all allocations together.
    let bytes: UInt64
    /// Calls of `send`.
    let sends: UInt64

    /// What it has come to until now.
    static var soFar: Work {
        let work = counted_work_of_this_thread()
        return Work(allocations: work.allocations, bytes: work.bytes, sends: work.sends)
    }

    static func - (later: Work, earlier: Work) -> Work {
        Work(
            allocations: later.allocations - earlier.allocations,
            bytes: later.bytes - earlier.bytes, sends: later.sends - earlier.sends)
    }

    /// Runs `body` without counting what it allocates on this thread: what belongs to the benchmark
    /// and not to what it measures. Calls don't nest.
    static func uncounted<Value>(_ body: () -> Value) -> Value {
        counted_pause(true)
        defer { counted_pause(false) }
        return body()
    }

    /// Runs `body` with every `send` of this thread succeeding at once, unheard by the kernel.
    static func withoutSending<Value>(_ body: () -> Value) -> Value {
        counted_swallow_sends(true)
        defer { counted_swallow_sends(false) }
        return body()
    }
}
