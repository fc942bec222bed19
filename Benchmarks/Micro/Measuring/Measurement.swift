/// What one operation of a benchmark costs.
struct Measurement: Sendable {
    let name: String
    /// How many operations were counted.
    let operationCount: Int
    let allocations: Double
    /// Asked for by these allocations.
    let bytes: Double
    /// Calls of `send`.
    let sends: Double
    /// The median of several batches; nil where only allocations were counted.
    let nanoseconds: Double?
}
