/// The owner of a descriptor that an event loop tells by itself what the kernel reports, whoever
/// runs the loop's turns.
protocol DescriptorSource: AnyObject, Sendable {
    /// The descriptor is ready. Called on the loop's thread.
    func ready(_ readiness: Readiness)
}

/// The sources of one loop, each under a number that is never used again: what the kernel has
/// reported of one that is gone reaches nobody.
struct DescriptorSources {
    private var entries: [UInt64: any DescriptorSource] = [:]
    private var numberLast: UInt64 = 0

    /// Their numbers are those with this in the upper half.
    private static let upperHalf = UInt64(UInt32.max - 1)

    /// Whether a number is one of a source.
    static func owns(_ tag: UInt64) -> Bool { tag >> 32 == upperHalf }

    subscript(tag: UInt64) -> (any DescriptorSource)? { entries[tag] }

    /// Keeps a source, until `remove`, under the number that is returned.
    mutating func insert(_ source: any DescriptorSource) -> UInt64 {
        numberLast += 1
        let tag = Self.upperHalf << 32 | numberLast & UInt64(UInt32.max)
        entries[tag] = source
        return tag
    }

    mutating func remove(_ tag: UInt64) {
        entries[tag] = nil
    }
}
