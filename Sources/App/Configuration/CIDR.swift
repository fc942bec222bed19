/// A range of IP addresses that share their first bits: `10.0.0.0/8`, `fd00::/8` (RFC 4632 §3.1).
package struct CIDR: Hashable, Sendable, CustomStringConvertible {
    let base: IPAddress
    /// How many leading bits of `base` count: 0…32 for IPv4, 0…128 for IPv6.
    let prefixBits: Int

    /// Reads `address/bits`, or an address alone as the range of just itself. Nil also where
    /// `address` has bits set below the prefix, since that is usually a slip of the pen.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        base = address
        prefixBits = parts.count == 1 ? base.width : wholeNumber(parts[1]) ?? -1
        guard (0...base.width).contains(prefixBits), base.prefix(prefixBits) == base else {
            return nil
        }
    }

    /// Whether `address` is of the same version and in the range.
    func contains(_ address: IPAddress) -> Bool {
        address.width == base.width && address.prefix(prefixBits) == base
    }

    package var description: String {
        prefixBits == base.width ? base.description : "\(base)/\(prefixBits)"
    }
}

extension IPAddress {
    /// The bits of an address of this version.
    fileprivate var width: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// The address with everything after its first `count` bits cleared.
    fileprivate func prefix(_ count: Int) -> IPAddress {
        switch self {
        case .v4(let bits): .v4(bits & ~(UInt32.max >> count))
        case .v6(let bits): .v6(bits & ~(UInt128.max >> count))
        }
    }
}
