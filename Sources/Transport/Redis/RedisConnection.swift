import CHiredis
import CLinux
import Glibc

/// One connection to a Redis server through hiredis' asynchronous API, driven by an event loop.
///
/// The one place that knows hiredis, and its one owner. `@unchecked Sendable` is guarded by the
/// loop: everything here runs on its thread, which `precondition`s check where calls come in; the
/// C callbacks run within the calls below and only take notes, so that hiredis is never entered from
/// its own callbacks. What was noted is reported once hiredis has returned.
final class RedisConnection: RedisWire, DescriptorSource, @unchecked Sendable {
    private let loop: EventLoop
    private let receive: @Sendable ([RedisWireEvent]) -> Void
    private var phase: Phase
    fileprivate var events: [RedisWireEvent] = []
    /// Commands that came before the connection was established.
    private var early: [[[UInt8]]] = []
    /// The command under way, encoded.
    private var buffer: [UInt8] = []
    /// Whether `flush` was posted for this turn.
    private var isFlushDue = false
    /// Whether hiredis is writing: if it then asks to write, the kernel took too little.
    private var isWriting = false

    private enum Phase {
        /// The addresses to try are being found out, or the next of them is about to be tried.
        case starting
        case connecting(Registration, others: ArraySlice<SocketAddress>)
        case open(Registration)
        case closed
    }

    /// A context that the loop watches. Watched is another thing than interested: hiredis may ask for
    /// nothing and then for something again.
    @safe private struct Registration {
        let context: UnsafeMutablePointer<redisAsyncContext>
        let tag: UInt64
        var interest: Interest
    }

    /// Begins to connect to an endpoint. `receive` is called on the loop, not within this call.
    init(
        to endpoint: RedisEndpoint, on loop: EventLoop,
        _ receive: @escaping @Sendable ([RedisWireEvent]) -> Void
    ) {
        precondition(loop.isCurrent, "a connection belongs to its loop")
        self.loop = loop
        self.receive = receive
        phase = .starting
        if let address = SocketAddress(host: endpoint.host, port: endpoint.port) {
            loop.post { self.connect(to: [address]) }
        } else {
            HostNames.resolve(endpoint.host, port: endpoint.port) { result in
                loop.post { self.resolved(result) }
            }
        }
    }

    // MARK: What the link asks

    func send(_ command: [[UInt8]]) {
        precondition(loop.isCurrent, "a connection belongs to its loop")
        let context: UnsafeMutablePointer<redisAsyncContext>
        switch phase {
        case .starting, .connecting: return early.append(command)
        case .open(let registration): unsafe context = registration.context
        case .closed: return
        }
        buffer.removeAll(keepingCapacity: buffer.capacity <= Self.bufferBytesKept)
        RESPEncoder.append(command, to: &buffer)
        // Behind a SUBSCRIBE's last argument hiredis looks for another one, up to the next zero.
        buffer.append(0)
        unsafe buffer.withUnsafeBytes { bytes in
            let start = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress
            // Refused only where hiredis is about to close, which it reports.
            _ = unsafe redisAsyncFormattedCommand(
                context, noteReply(_:_:_:), nil, start, bytes.count - 1)
        }
    }

    func close() {
        precondition(loop.isCurrent, "a connection belongs to its loop")
        let context = unsafe context
        // What hiredis has to say about its end is nobody's business any more.
        if let context = unsafe context { unsafe redisAsyncFree(context) }
        phase = .closed
        events = []
    }

    private var context: UnsafeMutablePointer<redisAsyncContext>? {
        switch phase {
        case .starting, .closed: nil
        case .connecting(let registration, _), .open(let registration):
            unsafe registration.context
        }
    }

    // MARK: Connecting

    private func resolved(_ result: Result<[SocketAddress], HostNames.Failure>) {
        guard case .starting = phase else { return }
        switch result {
        case .success(let addresses): connect(to: addresses[...])
        case .failure(let failure): end(failure.description)
        }
    }

    /// Tries the first of the addresses. hiredis sets `TCP_NODELAY` by itself.
    private func connect(to addresses: ArraySlice<SocketAddress>) {
        guard case .starting = phase, let address = addresses.first else { return }
        guard let context = unsafe redisAsyncConnect(address.host, Int32(address.port)) else {
            return end("connect \(address): out of memory")
        }
        guard unsafe context.pointee.err == 0 else {
            let reason = unsafe Self.reason(context)
            unsafe redisAsyncFree(context)
            return tryNext(of: addresses.dropFirst(), after: "connect \(address): \(reason)")
        }
        let descriptor = unsafe context.pointee.c.fd
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = unsafe withUnsafeMutablePointer(to: &context.pointee.c) {
            unsafe redisEnableKeepAlive($0)
        }
        do {
            let tag = try loop.add(self, descriptor, for: .write)
            phase = unsafe .connecting(
                Registration(context: context, tag: tag, interest: .write),
                others: addresses.dropFirst())
        } catch {
            unsafe redisAsyncFree(context)
            return end("\(error)")
        }
        unsafe setHooks(of: context)
    }

    /// Ends where no address is left to try.
    private func tryNext(of addresses: ArraySlice<SocketAddress>, after reason: String) {
        guard !addresses.isEmpty else { return end(reason) }
        loop.post { self.connect(to: addresses) }
    }

    private func end(_ reason: String) {
        phase = .closed
        early = []
        events.append(.closed(reason))
        report()
    }

    // MARK: What the loop says

    func ready(_ readiness: Readiness) {
        switch phase {
        case .starting, .closed:
            return
        case .connecting(let registration, _):
            unsafe redisAsyncHandleWrite(registration.context)
            if case .open = phase {
                for command in exchange(&early, with: []) { send(command) }
            }
        case .open:
            if readiness.isWritable { write() }
            if readiness.isReadable || readiness.hasFailed, let context = unsafe context {
                unsafe redisAsyncHandleRead(context)
            }
        }
        report()
    }

    /// Writes what has been sent since the last time.
    private func flush() {
        isFlushDue = false
        guard case .open = phase else { return }
        write()
        report()
    }

    private func write() {
        guard let context = unsafe context else { return }
        isWriting = true
        unsafe redisAsyncHandleWrite(context)
        isWriting = false
    }

    private func report() {
        guard !events.isEmpty else { return }
        receive(exchange(&events, with: []))
    }

    // MARK: hiredis' hooks

    private func setHooks(of context: UnsafeMutablePointer<redisAsyncContext>) {
        // Not retained: the loop keeps its sources until `cleanup`.
        let data = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe context.pointee.data = data
        unsafe context.pointee.ev.data = data
        unsafe context.pointee.ev.addRead = { unsafe owner(of: $0).wantsToRead(true) }
        unsafe context.pointee.ev.delRead = { unsafe owner(of: $0).wantsToRead(false) }
        unsafe context.pointee.ev.addWrite = { unsafe owner(of: $0).wantsToWrite(true) }
        unsafe context.pointee.ev.delWrite = { unsafe owner(of: $0).wantsToWrite(false) }
        unsafe context.pointee.ev.cleanup = { unsafe owner(of: $0).contextEnds() }
        _ = unsafe redisAsyncSetConnectCallback(context) { context, status in
            guard let context = unsafe context, status == REDIS_OK else { return }
            unsafe owner(of: context.pointee.data).connected()
        }
    }

    private func connected() {
        guard case .connecting(let registration, _) = phase else { return }
        phase = .open(registration)
        events.append(.opened)
    }

    private func wantsToRead(_ isWanted: Bool) {
        change { interest in
            if isWanted { interest.insert(.read) } else { interest.remove(.read) }
        }
    }

    /// What is to be written waits for the end of the turn, so that it goes out in one piece; for the
    /// kernel, where that took less.
    private func wantsToWrite(_ isWanted: Bool) {
        guard isWanted else { return change { $0.remove(.write) } }
        if isWriting { return change { $0.insert(.write) } }
        guard case .open(let registration) = phase, !registration.interest.contains(.write),
            !isFlushDue
        else { return }
        isFlushDue = true
        loop.post { self.flush() }
    }

    private func change(_ body: (inout Interest) -> Void) {
        switch phase {
        case .starting, .closed:
            return
        case .connecting(let registration, let others):
            phase = .connecting(changed(registration, body), others: others)
        case .open(let registration):
            phase = .open(changed(registration, body))
        }
    }

    private func changed(
        _ registration: Registration, _ body: (inout Interest) -> Void
    ) -> Registration {
        var changed = registration
        body(&changed.interest)
        if changed.interest != registration.interest {
            let descriptor = unsafe changed.context.pointee.c.fd
            loop.change(descriptor, to: changed.interest, tag: changed.tag)
        }
        return changed
    }

    /// hiredis is about to close the descriptor and to free the context.
    private func contextEnds() {
        switch phase {
        case .starting, .closed:
            return
        case .connecting(let registration, let others):
            unsafe loop.remove(registration.tag, registration.context.pointee.c.fd)
            phase = .starting
            let reason = unsafe Self.reason(registration.context)
            // After hiredis has returned.
            loop.post {
                if case .starting = self.phase { self.tryNext(of: others, after: reason) }
            }
        case .open(let registration):
            unsafe loop.remove(registration.tag, registration.context.pointee.c.fd)
            phase = .closed
            events.append(.closed(unsafe Self.reason(registration.context)))
        }
    }

    private static func reason(_ context: UnsafeMutablePointer<redisAsyncContext>) -> String {
        guard unsafe context.pointee.err != 0, let words = unsafe context.pointee.errstr else {
            return "closed"
        }
        return unsafe String(cString: words)
    }

    /// A larger buffer was for one large command, and is not kept.
    private static let bufferBytesKept = 65_536
}

/// Notes a reply or a message. There is none where hiredis gives a command up: the link knows itself
/// what it waits for.
private func noteReply(
    _ context: UnsafeMutablePointer<redisAsyncContext>?, _ reply: UnsafeMutableRawPointer?,
    _: UnsafeMutableRawPointer?
) {
    guard let context = unsafe context, let reply = unsafe reply else { return }
    let value = unsafe reply.assumingMemoryBound(to: redisReply.self)
    unsafe owner(of: context.pointee.data).events.append(.received(RedisValue(value)))
}

/// The connection that a context belongs to.
private func owner(of data: UnsafeMutableRawPointer?) -> RedisConnection {
    guard let data = unsafe data else { preconditionFailure("a context without an owner") }
    return unsafe Unmanaged<RedisConnection>.fromOpaque(data).takeUnretainedValue()
}

extension RedisValue {
    /// Copies what hiredis has read.
    fileprivate init(_ reply: UnsafePointer<redisReply>) {
        let reply = unsafe reply.pointee
        switch unsafe reply.type {
        case REDIS_REPLY_INTEGER:
            self = unsafe .integer(Int64(reply.integer))
        case REDIS_REPLY_STRING:
            self = unsafe .string(Array(Self.bytes(reply)))
        case REDIS_REPLY_STATUS:
            self = unsafe .status(String(decoding: Self.bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ERROR:
            self = unsafe .error(String(decoding: Self.bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            let elements = unsafe UnsafeBufferPointer(
                start: reply.element, count: Int(reply.elements))
            self = unsafe .array(
                elements.map { element in
                    guard let element = unsafe element else { return .null }
                    return unsafe RedisValue(element)
                })
        default:
            self = .null
        }
    }

    private static func bytes(_ reply: redisReply) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: reply.str, count: Int(reply.len))
    }
}
