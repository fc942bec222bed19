import CLinux
import Glibc
import Synchronization

/// The thread of an event loop: started once, joined once.
public final class LoopThread: Sendable {
    public let loop: EventLoop
    private let handle: Mutex<pthread_t?>

    /// Starts a thread that runs the loop until `EventLoop.close`. Signals are blocked on it: they
    /// are the main thread's business.
    public init(running loop: EventLoop, name: String) throws(SystemError) {
        self.loop = loop
        var thread = pthread_t()
        let start = unsafe Unmanaged.passRetained(Start(loop: loop, name: name))
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                var every = sigset_t()
                unsafe sigfillset(&every)
                unsafe pthread_sigmask(SIG_BLOCK, &every, nil)
                unsafe clinux_name_thread(start.name)
                start.loop.run()
                return nil
            }, start.toOpaque())
        guard result == 0 else {
            unsafe start.release()
            throw SystemError("pthread_create", code: result)
        }
        handle = Mutex(thread)
    }

    /// Waits for the thread to end. Call `EventLoop.close` first.
    public func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        if let thread { pthread_join(thread, nil) }
    }

    private final class Start {
        let loop: EventLoop
        let name: String

        init(loop: EventLoop, name: String) {
            self.loop = loop
            self.name = name
        }
    }
}
