import CLinux
import Glibc

/// What the kernel says about a watched descriptor.
public struct Readiness: Sendable {
    /// The number the descriptor was registered with.
    public let tag: UInt64
    private let flags: UInt32

    init(tag: UInt64, flags: UInt32) {
        self.tag = tag
        self.flags = flags
    }

    /// There is something to read: bytes, or the peer's end of sending.
    public var isReadable: Bool {
        flags & (UInt32(clinux_readable) | UInt32(clinux_peer_closed)) != 0
    }
    /// The kernel takes bytes again, or a connection was established.
    public var isWritable: Bool { flags & UInt32(clinux_writable) != 0 }
    /// The connection is broken in both directions.
    public var hasFailed: Bool { flags & (UInt32(clinux_error) | UInt32(clinux_hangup)) != 0 }
}

/// What a descriptor is watched for; errors and hang-ups are always reported.
public struct Interest: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public static let read = Interest(
        rawValue: UInt32(clinux_readable) | UInt32(clinux_peer_closed))
    public static let write = Interest(rawValue: UInt32(clinux_writable))
}

/// One epoll set and the eventfd that interrupts a wait on it (epoll(7), eventfd(2)).
///
/// Level-triggered. Only `interrupt()` may be called from other threads.
struct Poller: Sendable {
    private let epoll: Int32
    private let bell: Int32

    private static let bellTag = UInt64.max

    init() throws(SystemError) {
        epoll = clinux_epoll_create()
        guard epoll >= 0 else { throw SystemError("epoll_create1", code: -epoll) }
        bell = clinux_eventfd()
        guard bell >= 0 else {
            _ = Glibc.close(epoll)
            throw SystemError("eventfd", code: -bell)
        }
        let added = clinux_epoll_add(epoll, bell, Interest.read.rawValue, Self.bellTag)
        guard added == 0 else {
            close()
            throw SystemError("epoll_ctl", code: -added)
        }
    }

    /// Closes both descriptors. Nothing may be watched or interrupted afterwards.
    func close() {
        _ = Glibc.close(epoll)
        _ = Glibc.close(bell)
    }

    /// Watches a descriptor under a number of the caller's, anything but the largest.
    func add(_ descriptor: Int32, for interest: Interest, tag: UInt64) throws(SystemError) {
        let result = clinux_epoll_add(epoll, descriptor, interest.rawValue, tag)
        guard result == 0 else { throw SystemError("epoll_ctl", code: -result) }
    }

    /// Changes what an added descriptor is watched for.
    func modify(_ descriptor: Int32, for interest: Interest, tag: UInt64) {
        let result = clinux_epoll_modify(epoll, descriptor, interest.rawValue, tag)
        precondition(result == 0, "only an open, added descriptor is modified")
    }

    /// Stops watching. Must come before the descriptor is closed.
    func remove(_ descriptor: Int32) {
        _ = clinux_epoll_remove(epoll, descriptor)
    }

    /// Waits for at most `timeoutMs` milliseconds (-1: without end) and replaces `ready` with what
    /// was reported.
    func wait(timeoutMs: Int32, into ready: inout [Readiness]) {
        ready.removeAll(keepingCapacity: true)
        // On the stack, so that no memory is asked for at each turn.
        var events = unsafe InlineArray<256, epoll_event>(repeating: epoll_event())
        var span = unsafe events.mutableSpan
        unsafe span.withUnsafeMutableBufferPointer { events in
            let count = unsafe clinux_epoll_wait(
                epoll, events.baseAddress, Int32(events.count), timeoutMs)
            // Interrupted by a signal: the caller's loop comes back by itself.
            guard count > 0 else { return }
            for index in 0..<Int(count) {
                let event = unsafe events[index]
                let tag = unsafe withUnsafePointer(to: event) { unsafe clinux_event_tag($0) }
                guard tag != Self.bellTag else {
                    silence()
                    continue
                }
                let flags = unsafe withUnsafePointer(to: event) { unsafe clinux_event_flags($0) }
                ready.append(Readiness(tag: tag, flags: flags))
            }
        }
    }

    /// Ends a wait that is under way or comes next. From any thread.
    func interrupt() {
        var one: UInt64 = 1
        _ = unsafe Glibc.write(bell, &one, 8)
    }

    private func silence() {
        var count: UInt64 = 0
        _ = unsafe Glibc.read(bell, &count, 8)
    }
}
