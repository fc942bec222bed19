/// How far a run has come, for who watches it.
struct Standing: Hashable, Sendable {
    /// Of the whole, up to 1; nil where the end is not known.
    var fraction: Double?
    /// `12 s of 30 s`, or `340 of 1,000 connections`.
    var extent: String
    /// What there is to say besides, the most important first: a narrow terminal shows no more than
    /// it has room for.
    var facts: [String]

    /// A line of at most `width` columns.
    func line(width: Int) -> String {
        var parts: [String] = []
        if let fraction, let bar = Self.bar(fraction, columns: min(30, width / 4)) {
            parts.append(bar)
        }
        parts.append(extent)
        parts += facts
        var line = ""
        for part in parts {
            let longer = line.isEmpty ? part : line + "  " + part
            guard longer.count <= width else { break }
            line = longer
        }
        return line.isEmpty ? String(extent.prefix(width)) : line
    }

    /// Nil where there is too little room to show anything.
    private static func bar(_ fraction: Double, columns: Int) -> String? {
        guard columns >= 6 else { return nil }
        // Eighths of a column.
        let filled = Int((max(0, min(1, fraction)) * Double(columns * 8)).rounded(.down))
        let (whole, rest) = filled.quotientAndRemainder(dividingBy: 8)
        let partial = rest == 0 ? "" : String(Self.eighths[rest - 1])
        let text = String(repeating: "█", count: whole) + partial
        return "▕" + text + String(repeating: " ", count: columns - text.count) + "▏"
    }

    private static let eighths = Array("▏▎▍▌▋▊▉")
}

extension Standing {
    /// How a run stands that ends when its time is up.
    init(elapsedUs: Int64, ofUs totalUs: Int64?, _ facts: [String]) {
        func seconds(_ us: Int64) -> String { (Double(us) / 1_000_000).fixed(0) + " s" }
        self.facts = facts
        guard let totalUs, totalUs > 0 else {
            fraction = nil
            extent = seconds(elapsedUs)
            return
        }
        fraction = Double(elapsedUs) / Double(totalUs)
        extent = "\(seconds(min(elapsedUs, totalUs))) of \(seconds(totalUs))"
    }

    /// How a run stands that ends when all of something are there.
    init(count: Int, of total: Int, _ things: String, _ facts: [String] = []) {
        fraction = Double(count) / Double(max(1, total))
        extent = "\(count.grouped) of \(total.grouped) \(things)"
        self.facts = facts
    }

    /// What traffic has to tell: the rates and the p99 of the last second, and what is missing.
    static func facts(
        of timeline: Timeline, onTheirWay: Int64, lost: Int64 = 0
    ) -> [String] {
        var facts: [String] = []
        if let (bucket, us) = timeline.recent {
            facts.append("\((Double(bucket.delivered) * 1_000_000 / Double(us)).grouped)/s")
            if bucket.latencies.count > 0 {
                let p99 = Double(bucket.latencies.percentileUs(99)) / 1_000
                facts.append("p99 \(p99.fixed(2)) ms")
            }
        }
        facts.append("on their way \(onTheirWay.grouped)")
        if lost > 0 { facts.append("lost \(lost.grouped)") }
        return facts
    }
}
