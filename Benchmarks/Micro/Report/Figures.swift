import Foundation

/// The figures for programs: one JSON object a benchmark.
enum Figures {
    private struct Figure: Encodable {
        let name: String
        let operationCount: Int
        let nanoseconds: Double?
        let allocations: Double
        let bytes: Double
        let sends: Double
    }

    /// Replaces the file.
    static func write(_ measurements: [Measurement], to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let figures = measurements.map {
            Figure(
                name: $0.name, operationCount: $0.operationCount, nanoseconds: $0.nanoseconds,
                allocations: Thresholds.rounded($0.allocations), bytes: $0.bytes, sends: $0.sends)
        }
        try encoder.encode(figures).write(to: URL(filePath: path))
    }
}
