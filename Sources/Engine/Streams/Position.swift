/// One life of a stream's numbering. It changes when offsets could be reused: a new store, or a
/// failover to a replica that lagged.
public struct Epoch: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Lower-case hexadecimal without leading zeros.
    public var description: String { String(rawValue, radix: 16) }
}

/// A place in a stream, written `epoch:offset`: everything up to and including `offset` has been
/// seen. Offsets are consecutive and start at 1; 0 is the place before the first publication.
public struct Position: Hashable, Sendable, CustomStringConvertible {
    public let epoch: Epoch
    public let offset: UInt64

    public init(epoch: Epoch, offset: UInt64) {
        self.epoch = epoch
        self.offset = offset
    }

    /// Reads the text form; nil unless it is `<hexadecimal>:<decimal>`, each within 64 bits.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts[0].utf8.allSatisfy({ $0.isHexadecimalDigit }),
            parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            let epoch = UInt64(parts[0], radix: 16),
            let offset = UInt64(parts[1])
        else { return nil }
        self.init(epoch: Epoch(rawValue: epoch), offset: offset)
    }

    public var description: String { "\(epoch):\(offset)" }
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool {
        (48...57).contains(self) || (97...102).contains(self) || (65...70).contains(self)
    }
}
