import Dispatch
import Glibc

/// The system's way from names to addresses. It may take seconds, so it has a thread of its own.
enum HostNames {
    /// Why a name has no address, in the system's words.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let queue = DispatchQueue(label: "host names", attributes: .concurrent)

    /// Calls `reply` with the addresses of a host, the best one first, at least one; on a thread of
    /// its own.
    static func resolve(
        _ host: String, port: UInt16,
        reply: @escaping @Sendable (Result<[SocketAddress], Failure>) -> Void
    ) {
        queue.async { reply(lookUp(host, port: port)) }
    }

    private static func lookUp(
        _ host: String, port: UInt16
    ) -> Result<[SocketAddress], Failure> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &first)
        defer { if let first = unsafe first { unsafe freeaddrinfo(first) } }
        guard code == 0 else {
            let words = unsafe gai_strerror(code).map { unsafe String(cString: $0) }
            return .failure(Failure(description: "\(host): \(words ?? "error \(code)")"))
        }
        var addresses: [SocketAddress] = []
        var next = unsafe first
        while let entry = unsafe next {
            if let address = unsafe address(of: entry.pointee, port: port),
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

    private static func address(of entry: addrinfo, port: UInt16) -> SocketAddress? {
        guard let sockaddr = unsafe entry.ai_addr else { return nil }
        let found = unsafe SocketAddress.read { storage, size in
            unsafe UnsafeMutableRawPointer(storage).copyMemory(
                from: sockaddr, byteCount: Int(min(entry.ai_addrlen, size.pointee)))
            return 0
        }
        return found.flatMap { SocketAddress(host: $0.host, port: port) }
    }
}
