import CLinux
import Glibc

/// The outcome of reading or writing without blocking.
public enum Transfer: Equatable, Sendable {
    case bytes(Int)
    /// Nothing now: wait for readiness.
    case wouldBlock
    /// The peer will send no more.
    case end
    case failed(Int32)
}

/// A non-blocking stream socket with one owner; closed exactly once, by `close()` or with its owner.
public final class Socket {
    /// The kernel's number for it; valid until `close()`.
    public let descriptor: Int32
    private var isOpen = true

    /// Takes over an open descriptor.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close()
    }

    /// Closes the socket; further calls do nothing. Whoever watches the descriptor stops before.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        Self.close(descriptor)
    }

    /// Closes a socket that has another owner than a `Socket`, which costs memory of its own.
    static func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }

    // MARK: Reading and writing

    /// Receives up to the buffer's size, or `countMax`, into its start.
    public static func receive(
        _ descriptor: Int32, into buffer: inout [UInt8], atMost countMax: Int = .max
    ) -> Transfer {
        let result = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe clinux_receive(descriptor, bytes.baseAddress, UInt(min(bytes.count, countMax)))
        }
        return result == 0 ? .end : transfer(result)
    }

    /// Sends from `start` to the end of `bytes`, as much as the kernel takes.
    public static func send(
        _ descriptor: Int32, _ bytes: [UInt8], from start: Int = 0
    ) -> Transfer {
        let result = unsafe bytes.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
            return unsafe clinux_send(descriptor, rest.baseAddress, UInt(rest.count))
        }
        return transfer(result)
    }

    private static func transfer(_ result: Int) -> Transfer {
        if result >= 0 { return .bytes(result) }
        switch Int32(-result) {
        case EAGAIN, EINTR: return .wouldBlock
        case let code: return .failed(code)
        }
    }

    /// Sends FIN after what was written; the peer may go on sending.
    static func finishWriting(_ descriptor: Int32) {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    // MARK: Options

    private static func set(
        _ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32
    ) {
        var value = value
        _ = unsafe setsockopt(descriptor, level, option, &value, socklen_t(4))
    }

    /// Breaks a connection whose peer acknowledges nothing of what it is sent for so long: it has
    /// vanished, or reads nothing.
    static func giveUp(_ descriptor: Int32, afterMs timeoutMs: Int64) {
        set(
            descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT,
            Int32(truncatingIfNeeded: min(timeoutMs, Int64(Int32.max))))
    }

    // MARK: Connecting and listening

    /// Starts a connection; it is established when the socket becomes writable and
    /// `pendingError` is 0. `source` chooses the local address. With `segmentBytesMax` the peer sends
    /// no longer segments, as over a distance, and its kernel keeps less that was not read: those of
    /// the loopback are 64 KiB long.
    public static func connect(
        to address: SocketAddress, from source: SocketAddress? = nil,
        segmentBytesMax: Int32? = nil
    ) throws(SystemError) -> Socket {
        let descriptor = clinux_stream_socket(address.family)
        guard descriptor >= 0 else { throw SystemError("socket", code: -descriptor) }
        let socket = Socket(descriptor: descriptor)
        if let source {
            let bound = unsafe source.withSockAddress { unsafe bind(descriptor, $0, $1) }
            guard bound == 0 else { throw SystemError("bind \(source)", code: errno) }
        }
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        if let segmentBytesMax {
            set(descriptor, Int32(IPPROTO_TCP), TCP_MAXSEG, segmentBytesMax)
        }
        let result = unsafe address.withSockAddress { unsafe Glibc.connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            throw SystemError("connect \(address)", code: errno)
        }
        return socket
    }

    /// The error that ended an attempt to connect; 0: none.
    public var pendingError: Int32 {
        var code: Int32 = 0
        var size = socklen_t(4)
        _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }

    /// Binds and listens. Port 0 takes a free one: see `localAddress`.
    public static func listen(
        on address: SocketAddress, backlog: Int32 = 4_096
    ) throws(SystemError) -> Socket {
        let descriptor = clinux_stream_socket(address.family)
        guard descriptor >= 0 else { throw SystemError("socket", code: -descriptor) }
        let socket = Socket(descriptor: descriptor)
        // A restart may take the port over from connections that linger, not from a live server.
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        guard unsafe address.withSockAddress({ unsafe bind(descriptor, $0, $1) }) == 0 else {
            throw SystemError("listen on \(address)", code: errno)
        }
        guard Glibc.listen(descriptor, backlog) == 0 else {
            throw SystemError("listen on \(address)", code: errno)
        }
        return socket
    }

    /// The address the socket is bound to.
    public var localAddress: SocketAddress? {
        unsafe SocketAddress.read { unsafe getsockname(descriptor, $0, $1) }
    }

    /// What came of taking a connection off the queue.
    public enum Accepted: Sendable {
        /// An open descriptor, which the caller now owns, and the peer's address.
        case connection(Int32, SocketAddress)
        case none
        /// The process or the system has no descriptor or memory left for another connection.
        case exhausted(Int32)
    }

    /// Takes the next connection off the queue.
    public func accept() -> Accepted {
        var result: Int32 = -1
        let peer = unsafe SocketAddress.read { address, size in
            result = unsafe clinux_accept(descriptor, address, size)
            return result < 0 ? -1 : 0
        }
        guard result < 0 else {
            // Small writes leave at once: the outbox already joins what belongs together.
            Socket.set(result, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            // A peer that vanished without a word is noticed even where nothing is ever sent.
            Socket.set(result, SOL_SOCKET, SO_KEEPALIVE, 1)
            Socket.set(result, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
            Socket.set(result, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15)
            Socket.set(result, Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
            return .connection(result, peer ?? .unknown)
        }
        switch -result {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(-result)
        // The queue is empty, or the peer gave up while it waited.
        default: return .none
        }
    }
}
