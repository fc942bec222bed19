import Glibc
import Synchronization

/// Takes the place of Swift's global pool for the thread that a simulation runs on.
///
/// A task that was resumed by a continuation comes to the global pool first, and only then to its
/// actor's loop; with several threads at work there, no run would be like another. The runtime lets
/// a process hook into that pool: jobs enqueued while `catching` runs on the same thread come here
/// instead, to be run when the simulation says so. All others go their usual way.
package final class ManualPool: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    package init() {}

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// Jobs that wait.
    package var count: Int { jobs.withLock { $0.count } }

    /// Runs the job at a place among those that wait, 0 being the oldest.
    package func runNext(at place: Int) {
        let job = jobs.withLock { $0.remove(at: place) }
        unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    }

    /// Runs `body`, and takes in what it hands to the global pool.
    @discardableResult
    package func catching<Outcome>(_ body: () -> Outcome) -> Outcome {
        GlobalPoolHook.isInstalled
        GlobalPoolHook.catchers.withLock { $0[UInt(pthread_self())] = self }
        defer { GlobalPoolHook.catchers.withLock { $0[UInt(pthread_self())] = nil } }
        return body()
    }
}

/// The runtime's hook on its global pool: a variable of the dynamic runtime that holds a function
/// in Swift's calling convention.
///
/// It is set once, before the first job could be caught, and never again; what it refers to is
/// guarded by a mutex.
private enum GlobalPoolHook {
    typealias Enqueue = @convention(thin) (UnownedJob) -> Void
    typealias Hook = @convention(thin) (UnownedJob, Enqueue) -> Void

    static let catchers = Mutex<[UInt: ManualPool]>([:])

    static let isInstalled: Void = {
        guard let variable = unsafe dlsym(nil, "swift_task_enqueueGlobal_hook") else {
            preconditionFailure("simulations need Swift's dynamic runtime")
        }
        let hook: Hook = { job, enqueue in
            let catcher = catchers.withLock { $0[UInt(pthread_self())] }
            if let catcher {
                catcher.enqueue(ExecutorJob(job))
            } else {
                enqueue(job)
            }
        }
        unsafe variable.assumingMemoryBound(to: Hook?.self).pointee = hook
    }()
}
