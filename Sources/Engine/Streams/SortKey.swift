extension Int64 {
    /// Eight bytes that sort like the number.
    package var sortKey: [UInt8] {
        let ordered = UInt64(bitPattern: self) ^ (1 << 63)
        return (0..<8).map { UInt8(truncatingIfNeeded: ordered >> (56 - 8 * $0)) }
    }
}
