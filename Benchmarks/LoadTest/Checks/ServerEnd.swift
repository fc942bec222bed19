import Measure

/// Tells whether the server's processes were there to the end.
enum ServerEnd {
    /// A sentence where some were named and not all were there at both of the moments: their use is
    /// not known then.
    static func warnings(
        _ pids: [Int32], _ before: ProcessUsage?, _ after: ProcessUsage?
    ) -> [String] {
        guard !pids.isEmpty, before == nil || after == nil else { return [] }
        return ["the server's process ended during the run: what it used is not known"]
    }
}
