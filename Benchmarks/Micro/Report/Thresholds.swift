import Foundation

/// How many allocations an operation of each benchmark may need: what `make test` holds it to.
struct Thresholds: Sendable {
    private let allowed: [String: Double]

    /// What has been counted may not grow.
    init(_ measurements: [Measurement]) {
        allowed = Dictionary(
            measurements.map { ($0.name, Self.rounded($0.allocations)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Reads a JSON object of the benchmarks' names and numbers.
    init(path: String) throws {
        let json = try Data(contentsOf: URL(filePath: path))
        allowed = try JSONDecoder().decode([String: Double].self, from: json)
    }

    /// Replaces the file that `init(path:)` reads.
    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let json = try encoder.encode(allowed) + Data("\n".utf8)
        try json.write(to: URL(filePath: path))
    }

    /// What is wrong with the figures, a sentence each. `known` are the names of all benchmarks,
    /// run or not.
    func complaints(about measurements: [Measurement], known: [String]) -> [String] {
        let strangers = Set(allowed.keys).subtracting(known).sorted().map {
            "\($0) is no benchmark, yet has a threshold"
        }
        return strangers
            + measurements.compactMap { measurement in
                let name = measurement.name
                guard let most = allowed[name] else { return "\(name) has no threshold" }
                let needed = Self.rounded(measurement.allocations)
                guard needed > most + Self.tolerance else { return nil }
                return "\(name) allocates \(needed) times an operation, \(most) are allowed"
            }
    }

    /// What could be allowed clearly less, a sentence each.
    func surplus(over measurements: [Measurement]) -> [String] {
        measurements.compactMap { measurement in
            let needed = Self.rounded(measurement.allocations)
            guard let most = allowed[measurement.name], needed + Self.tolerance < most else {
                return nil
            }
            return "\(measurement.name) allocates \(needed) times an operation: lower its \(most)"
        }
    }

    /// A loop's timers fire while it is measured, and what two threads share grows sooner or later:
    /// a few allocations among hundreds of operations.
    private static let tolerance = 0.05

    /// As the table shows it.
    static func rounded(_ allocations: Double) -> Double {
        (allocations * 100).rounded() / 100
    }
}
