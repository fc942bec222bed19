/// The results of a run for people: a heading, and groups of facts with their names in a column. The
/// percentiles of several latencies stand below each other.
struct ResultTable {
    /// What a line says of one thing. A group without facts is left out.
    typealias Group = (name: String, facts: [String])

    private enum Row {
        case facts(String, [String])
        case latencies([(name: String, latency: LatencySummary)])
        case warning(String)
    }

    private let heading: String
    private var rows: [Row] = []

    init(_ heading: String) {
        self.heading = heading
    }

    /// A line for each group.
    mutating func add(_ groups: [Group]) {
        for group in groups where !group.facts.isEmpty {
            rows.append(.facts(group.name, group.facts))
        }
    }

    /// A line for each latency.
    mutating func add(_ latencies: [(name: String, latency: LatencySummary)]) {
        if !latencies.isEmpty { rows.append(.latencies(latencies)) }
    }

    /// A line for each reason to mistrust the rest.
    mutating func warn(_ sentences: [String]) {
        rows += sentences.map { .warning($0) }
    }

    /// `lost 3` for each count that is not zero.
    static func counts(_ counts: [(name: String, count: Int64)]) -> [String] {
        counts.filter { $0.count != 0 }.map { "\($0.name) \($0.count.grouped)" }
    }

    /// All of it, a newline at the end of each line.
    var text: String {
        let names = rows.flatMap { row in
            switch row {
            case .facts(let name, _): [name]
            case .latencies(let latencies): ["latency, ms"] + latencies.map { "  " + $0.name }
            case .warning: ["WARNING"]
            }
        }
        let width = (names.map(\.count).max() ?? 0) + 3
        return heading + "\n" + rows.map { "  " + text($0, width) }.joined()
    }

    private func text(_ row: Row, _ width: Int) -> String {
        func padded(_ name: String) -> String {
            name + String(repeating: " ", count: width - name.count)
        }
        switch row {
        case .facts(let name, let facts):
            return padded(name) + facts.joined(separator: "   ") + "\n"
        case .warning(let sentence):
            return padded("WARNING") + sentence + "\n"
        case .latencies(let latencies):
            let head = LatencySummary.columns.map { Self.cell($0) }.joined()
            let lines = latencies.map { name, latency in
                let values = latency.values.map { Self.cell($0.significant) }.joined()
                return "  " + padded("  " + name)
                    + (latency.count > 0 ? values : "nothing measured") + "\n"
            }
            return padded("latency, ms") + head + "\n" + lines.joined()
        }
    }

    private static func cell(_ text: String) -> String {
        String(repeating: " ", count: max(1, 9 - text.count)) + text
    }
}
