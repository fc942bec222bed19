import Measure

/// What a process used between two moments.
struct UsageWindow: Codable, Hashable, Sendable {
    let cpuSeconds: Double
    /// Of one core: 1 is all of it.
    let share: Double
    let residentBytesBefore: Int64
    let residentBytes: Int64

    /// Nil where the process was not there at one of the moments.
    init?(_ before: ProcessUsage?, _ after: ProcessUsage?, lastingUs: Int64) {
        guard let before, let after, lastingUs > 0 else { return nil }
        cpuSeconds = Double(after.cpuUs - before.cpuUs) / 1_000_000
        share = Double(after.cpuUs - before.cpuUs) / Double(lastingUs)
        residentBytesBefore = before.residentBytes
        residentBytes = after.residentBytes
    }

    /// For people.
    var shareText: String { "\((share * 100).fixed(share < 0.1 ? 1 : 0)) % of a core" }

    /// For people.
    var residentText: String { "\(residentBytes.bytesText) resident" }
}
