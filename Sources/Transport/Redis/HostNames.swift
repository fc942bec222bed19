import Dispatch
import Glibc
import Synchronization

/// The system's way from names to addresses. It may take seconds, so it has a thread of its own.
enum HostNames {
    /// Why a name has no address, in the system's words.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    typealias Reply = @Sendable (Result<[SocketAddress], Failure>) -> Void

    private static let queue = DispatchQueue(label: "host names", attributes: .concurrent)
    /// Who waits for the addresses of a host. One thread a host: more would only wait beside it.
    private static let waiting = Mutex<[String: [(port: UInt16, reply: Reply)]]>([:])

    /// Calls `reply` with the addresses of a host, the best one first, at least one; on a thread of
    /// its own.
    static func resolve(_ host: String, port: UInt16, reply: @escaping Reply) {
        let isFirst = waiting.withLock { waiting in
            waiting[host, default: []].append((port, reply))
            return waiting[host]?.count == 1
        }
        guard isFirst else { return }
        queue.async {
            let result = lookUp(host)
            let waiters = waiting.withLock { $0.removeValue(forKey: host) } ?? []
            for waiter in waiters {
                waiter.reply(
                    result.map { $0.compactMap { SocketAddress(host: $0, port: waiter.port) } })
            }
        }
    }

    /// The numeric addresses of a host, each once.
    private static func lookUp(_ host: String) -> Result<[String], Failure> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &first)
        defer { if let first = unsafe first { unsafe freeaddrinfo(first) } }
        guard code == 0 else {
            let words = unsafe gai_strerror(code).map { unsafe String(cString: $0) }
            return .failure(Failure(description: "\(host): \(words ?? "error \(code)")"))
        }
        var addresses: [String] = []
        var next = unsafe first
        while let entry = unsafe next {
            if let address = unsafe address(of: entry.pointee),
                !addresses.contains(address)
            {
                addresses.append(address)
            }
            unsafe next = entry.pointee.ai_next
        }
        guard !addresses.isEmpty else {
            return .failure(Failure(description: "\(host): no address"))
        }
        return .success(addresses)
    }

    private static func address(of entry: addrinfo) -> String? {
        guard let sockaddr = unsafe entry.ai_addr else { return nil }
        let found = unsafe SocketAddress.read { storage, size in
            unsafe UnsafeMutableRawPointer(storage).copyMemory(
                from: sockaddr, byteCount: Int(min(entry.ai_addrlen, size.pointee)))
            return 0
        }
        // What `SocketAddress` can't read again, such as a scoped address, can't be connected to.
        return found.map(\.host).flatMap { SocketAddress(host: $0, port: 0)?.host }
    }
}
