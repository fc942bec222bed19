import Glibc

/// Why a client's end of a connection gave nothing.
enum WireError: Error {
    /// The system call, and its error number.
    case failed(String, Int32)
    /// What the test waits for did not come in ten seconds.
    case timedOut
}

/// A client's end of a loopback connection. Reading and writing block the thread.
final class WireSocket {
    private let descriptor: Int32
    private var isOpen = true

    private static let patienceMs: Int32 = 10_000

    /// Connects; `receiveBufferBytes` keeps the kernel from taking much more than that in advance.
    convenience init(port: UInt16, receiveBufferBytes: Int32? = nil) throws(WireError) {
        try self.init(receiveBufferBytes: receiveBufferBytes)
        try connect(port)
    }

    /// Not connected yet.
    init(receiveBufferBytes: Int32? = nil) throws(WireError) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .failed("socket", errno) }
        if let receiveBufferBytes {
            var bytes = receiveBufferBytes
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, 4)
        }
        var isOn: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, 4)
    }

    /// Connects to a port of the loopback interface.
    func connect(_ port: UInt16) throws(WireError) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw .failed("connect", errno) }
    }

    deinit {
        close()
    }

    /// Sends all of it.
    func write(_ bytes: [UInt8]) throws(WireError) {
        var sent = 0
        while sent < bytes.count {
            try wait(for: POLLOUT)
            sent += try writeSome(bytes[sent...])
        }
    }

    /// Sends what the kernel takes at once, and returns how many bytes that was.
    func writeSome(_ bytes: ArraySlice<UInt8>) throws(WireError) -> Int {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe send(
                descriptor, $0.baseAddress, $0.count,
                Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        if count >= 0 { return count }
        guard errno == EAGAIN else { throw .failed("send", errno) }
        return 0
    }

    /// The next bytes; empty at the end of what the server sends.
    func read(atMost count: Int = 65_536) throws(WireError) -> [UInt8] {
        try wait(for: POLLIN)
        var buffer = [UInt8](repeating: 0, count: count)
        let got = unsafe buffer.withUnsafeMutableBytes {
            unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
        }
        guard got >= 0 else { throw .failed("recv", errno) }
        return Array(buffer[..<got])
    }

    /// Everything until the server ends the connection.
    func readToEnd() throws(WireError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let more = try read()
            if more.isEmpty { return bytes }
            bytes += more
        }
    }

    /// Says that nothing more will be sent.
    func finishWriting() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Breaks the connection off: the server's end gets ECONNRESET.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        _ = Glibc.close(descriptor)
    }

    private func wait(for events: Int32) throws(WireError) {
        var poll = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard unsafe Glibc.poll(&poll, 1, Self.patienceMs) > 0 else { throw .timedOut }
    }
}
