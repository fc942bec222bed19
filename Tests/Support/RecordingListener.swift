import Engine
import Synchronization

/// A listener that writes down what it hears, and lets a test wait for it.
public final class RecordingListener: StreamListener {
    private struct State {
        var publications: [Publication] = []
        var epochs: Set<Epoch> = []
        var callCount = 0
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    public init() {}

    public func announced(_ publications: [Publication], epoch: Epoch) {
        let satisfied = state.withLock { state in
            state.publications += publications
            state.epochs.insert(epoch)
            state.callCount += 1
            let heard = state.publications.count
            defer { state.waiters.removeAll { $0.count <= heard } }
            return state.waiters.filter { $0.count <= heard }.map(\.continuation)
        }
        for continuation in satisfied { continuation.resume() }
    }

    /// Everything heard so far, in order.
    public var publications: [Publication] { state.withLock { $0.publications } }

    /// The offsets of everything heard so far, in order.
    public var offsets: [UInt64] { publications.map(\.offset) }

    /// The epochs that announcements came with.
    public var epochs: Set<Epoch> { state.withLock { $0.epochs } }

    /// How often the listener was called.
    public var callCount: Int { state.withLock { $0.callCount } }

    /// Returns once so many publications were heard, counted from the first.
    public func hears(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isSatisfied = state.withLock { state in
                guard state.publications.count < count else { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isSatisfied { continuation.resume() }
        }
    }
}
