import Foundation

/// One direction of a chart: which values it shows, where, and which of them it names.
struct Axis: Sendable {
    /// A value with a line across the chart.
    struct Tick: Hashable, Sendable {
        let value: Double
        /// Nil for a line without a name.
        let label: String?
    }

    private enum Scale {
        case linear
        case logarithmic
        /// Of 1 / (1 - p): each further nine takes as much room as the one before.
        case percentile
    }

    let title: String
    let ticks: [Tick]
    private let scale: Scale
    /// Where the axis begins and ends, on its scale: for a linear one, its first and last value.
    private let start: Double
    let end: Double

    private init(
        _ title: String, _ scale: Scale, from lower: Double, to upper: Double, ticks: [Tick]
    ) {
        self.title = title
        self.scale = scale
        self.ticks = ticks
        start = Self.place(lower, on: scale)
        end = Self.place(upper, on: scale)
    }

    /// How far along the axis a value is: 0 at its start, 1 at its end. Values beyond are moved to
    /// the ends.
    func fraction(of value: Double) -> Double {
        let place = Self.place(value, on: scale)
        return max(0, min(1, (place - start) / (end - start)))
    }

    private static func place(_ value: Double, on scale: Scale) -> Double {
        switch scale {
        case .linear: value
        case .logarithmic: log10(max(value, 1e-9))
        case .percentile: -log10(max(1 - value / 100, 1e-12))
        }
    }

    // MARK: Kinds

    /// From 0 to a round number that is at least `most`.
    static func linear(_ title: String, upTo most: Double) -> Axis {
        let most = most.isFinite && most > 0 ? most : 1
        let step = roundStep(most / 4)
        let count = max(1, (most / step - 1e-9).rounded(.up))
        return linear(title, endingAt: step * count, step: step)
    }

    /// From 0 to exactly `end`, which need not be round.
    static func linear(_ title: String, endingAt end: Double) -> Axis {
        let end = end.isFinite && end > 0 ? end : 1
        return linear(title, endingAt: end, step: roundStep(end / 4))
    }

    private static func linear(_ title: String, endingAt end: Double, step: Double) -> Axis {
        let count = Int((end / step + 1e-9).rounded(.down))
        let ticks = (0...count).map { index in
            Tick(value: Double(index) * step, label: label(Double(index) * step, step: step))
        }
        return Axis(title, .linear, from: 0, to: end, ticks: ticks)
    }

    /// Milliseconds of latencies: from 0, or logarithmic where the least and the largest are far
    /// apart.
    static func latency(_ title: String, least: Double, most: Double) -> Axis {
        // The clock counts microseconds.
        let least = max(least, 0.001)
        guard most / least > 12 else { return linear(title + " (ms)", upTo: most) }
        return logarithmic(title + " (ms)", from: least, to: most)
    }

    /// Begins and ends at one, two or five times a power of ten.
    static func logarithmic(_ title: String, from least: Double, to most: Double) -> Axis {
        let lowest = Int(log10(least).rounded(.down)) - 1
        let highest = Int(log10(most).rounded(.up)) + 1
        let all = (lowest...highest).flatMap { power in
            [1.0, 2, 5].map { factor in (factor, factor * pow(10, Double(power))) }
        }
        let lower = all.last { $0.1 <= least * 1.000_001 }?.1 ?? least
        let upper = all.first { $0.1 >= most * 0.999_999 }?.1 ?? most
        let isWide = upper / lower > 150
        let inside = all.filter { $0.1 >= lower * 0.999 && $0.1 <= upper * 1.001 }
        let ticks = inside.map { factor, value in
            let isNamed = factor == 1 || !isWide || value == lower || value == upper
            return Tick(value: value, label: isNamed ? plain(value) : nil)
        }
        return Axis(title, .logarithmic, from: lower, to: upper, ticks: ticks)
    }

    /// Percentiles as far as so many values tell them apart.
    static func percentile(_ title: String, valueCount: UInt64) -> Axis {
        let nines = min(8, max(1, log10(Double(max(1, valueCount)))))
        let labels = ["0", "50", "90", "99", "99.9", "99.99", "99.999", "99.9999", "99.99999"]
        let ticks = labels.compactMap { label in
            Double(label).map { Tick(value: $0, label: label) }
        }.filter { place($0.value, on: .percentile) <= nines + 1e-9 }
        let end = 100 * (1 - pow(10, -nines))
        return Axis(title, .percentile, from: 0, to: end, ticks: ticks)
    }

    /// Seconds; named as minutes or hours where there are many.
    static func time(_ title: String, from start: Double, to end: Double) -> Axis {
        let end = max(end, start + 0.001)
        let room = (end - start) / 6
        let step = timeSteps.first { $0 >= room } ?? roundStep(room / 3_600) * 3_600
        let unit: (name: String, text: (Double) -> String) =
            switch end {
            case ..<180: ("s", { label($0, step: step) })
            case ..<5_400: ("min:s", { clock($0) })
            case _: ("h:min", { clock($0 / 60) })
            }
        let first = Int((start / step - 1e-9).rounded(.up))
        let last = Int((end / step + 1e-9).rounded(.down))
        let ticks = (first...max(first, last)).map { index in
            Tick(value: Double(index) * step, label: unit.text(Double(index) * step))
        }
        return Axis("\(title) (\(unit.name))", .linear, from: start, to: end, ticks: ticks)
    }

    private static let timeSteps: [Double] =
        [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30]
        + [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400]

    // MARK: Numbers

    /// The least of 1, 2, 2.5 and 5 times a power of ten that is at least `step`.
    private static func roundStep(_ step: Double) -> Double {
        let power = pow(10, log10(step).rounded(.down))
        return ([1, 2, 2.5, 5].first { $0 * power >= step * 0.999_999 } ?? 10) * power
    }

    private static func clock(_ value: Double) -> String {
        let whole = Int(value.rounded())
        let low = String(whole % 60)
        return "\(whole / 60):" + (low.count < 2 ? "0" : "") + low
    }

    /// A value between ticks `step` apart, with as many decimals as the step has.
    private static func label(_ value: Double, step: Double) -> String {
        switch step {
        case 1_000_000...: decimal(value / 1_000_000, step: step / 1_000_000) + suffix(value, "M")
        case 5_000...: decimal(value / 1_000, step: step / 1_000) + suffix(value, "k")
        case _: decimal(value, step: step)
        }
    }

    private static func suffix(_ value: Double, _ letter: String) -> String {
        value == 0 ? "" : letter
    }

    private static func decimal(_ value: Double, step: Double) -> String {
        guard value != 0 else { return "0" }
        let decimals = (0...6).first { count in
            let scaled = step * pow(10, Double(count))
            return abs(scaled - scaled.rounded()) < 1e-6 * scaled
        }
        guard let decimals, decimals > 0 else { return value.grouped }
        return value.fixed(decimals)
    }

    /// One, two or five times a power of ten.
    private static func plain(_ value: Double) -> String {
        value >= 1 ? value.grouped : value.fixed(max(0, Int((-log10(value)).rounded(.up))))
    }
}
