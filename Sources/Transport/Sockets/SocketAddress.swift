import CLinux
import Glibc

/// An IPv4 or IPv6 address with a port.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// The numeric address, without brackets.
    public let host: String
    public let port: UInt16
    let family: Int32

    /// Stands in where the kernel did not say.
    static let unknown = SocketAddress(host: "0.0.0.0", port: 0, family: AF_INET)

    private init(host: String, port: UInt16, family: Int32) {
        self.host = host
        self.port = port
        self.family = family
    }

    /// Nil unless `host` is a numeric address or `localhost`.
    public init?(host: String, port: UInt16) {
        let numeric = host == "localhost" ? "127.0.0.1" : host
        var four = in_addr()
        var six = in6_addr()
        if unsafe inet_pton(AF_INET, numeric, &four) == 1 {
            self.init(host: numeric, port: port, family: AF_INET)
        } else if unsafe inet_pton(AF_INET6, numeric, &six) == 1 {
            self.init(host: numeric, port: port, family: AF_INET6)
        } else {
            return nil
        }
    }

    public var description: String {
        family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    func withSockAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        if family == AF_INET6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            _ = unsafe inet_pton(AF_INET6, host, &address.sin6_addr)
            return unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        _ = unsafe inet_pton(AF_INET, host, &address.sin_addr)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// What a call that fills in an address says; nil where it failed.
    static func read(
        _ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe fill($0, &size)
            }
        }
        guard result == 0 else { return nil }
        let family = Int32(storage.ss_family)
        return unsafe withUnsafePointer(to: storage) { pointer in
            unsafe decode(UnsafeRawPointer(pointer), family: family)
        }
    }

    private static func decode(_ storage: UnsafeRawPointer, family: Int32) -> SocketAddress? {
        switch family {
        case AF_INET:
            let address = unsafe storage.loadUnaligned(as: sockaddr_in.self)
            return unsafe withUnsafePointer(to: address.sin_addr) {
                unsafe named($0, family, port: UInt16(bigEndian: address.sin_port))
            }
        case AF_INET6:
            let address = unsafe storage.loadUnaligned(as: sockaddr_in6.self)
            return unsafe withUnsafePointer(to: address.sin6_addr) {
                unsafe named($0, family, port: UInt16(bigEndian: address.sin6_port))
            }
        default:
            return nil
        }
    }

    private static func named(
        _ address: UnsafeRawPointer, _ family: Int32, port: UInt16
    ) -> SocketAddress? {
        unsafe withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)
        ) { text in
            guard
                let name = unsafe inet_ntop(
                    family, address, text.baseAddress, socklen_t(text.count))
            else { return nil }
            return unsafe SocketAddress(host: String(cString: name), port: port, family: family)
        }
    }
}
