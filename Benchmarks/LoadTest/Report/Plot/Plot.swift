import Foundation
import Measure

/// A run as one picture that can go into a document: an SVG without any other file, of the latencies
/// by percentile, the run over time, and its key figures.
struct Plot {
    let title: String
    /// The command's shape, server and date; a line each.
    let subtitle: [String]
    /// Latencies in microseconds; receipts are nil where none was asked for.
    let deliveries: Histogram
    let receipts: Histogram?
    /// What the latencies are of.
    var curveNames = (deliveries: "deliveries", receipts: "receipts")
    let timeline: TimelineSummary
    /// The seconds of the timeline that results are of.
    let measured: ClosedRange<Double>?
    /// Deliveries that one message makes.
    let fanOut: Double
    let figures: [ResultTable.Group]
    /// Reasons to mistrust the rest.
    let warnings: [String]

    private static let width = 1_240.0
    private static let height = 860.0
    private static let curveHeight = 350.0
    private static let fonts =
        "Inter, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"

    /// The document.
    var svg: String {
        var drawing = Drawing()
        drawing.rectangle(
            Box(left: 0, top: 0, width: Self.width, height: Self.height), fill: Palette.background)
        let top = drawHead(into: &drawing)
        let bottom = Self.height - 66
        var figuresTop = top - 26
        if deliveries.count > 0 || receipts.map({ $0.count > 0 }) ?? false || figures.isEmpty {
            percentiles(Box(left: 96, top: top, width: 464, height: Self.curveHeight)).draw(
                into: &drawing)
            figuresTop = top + Self.curveHeight + 58
        }
        KeyFigures(groups: figures, latencies: summaries, warnings: warnings)
            .draw(into: &drawing, left: 40, top: figuresTop, width: 520)
        let charts = TimeCharts(
            timeline: timeline, measured: measured, fanOut: fanOut,
            box: Box(left: 696, top: top, width: 454, height: bottom - top))
        charts.draw(into: &drawing)
        let name = Drawing.escaped(([title] + subtitle).joined(separator: ". "))
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \
            \(Int(Self.height))" role="img" font-family="\(Self.fonts)" \
            style="color-scheme: light">
            <title>\(name)</title>
            \(drawing.markup)</svg>

            """
    }

    /// Returns where the charts begin.
    private func drawHead(into drawing: inout Drawing) -> Double {
        drawing.text(
            title, at: Drawing.Point(x: 40, y: 46), Drawing.Lettering(size: 24, isBold: true))
        var y = 70.0
        for line in subtitle {
            drawing.text(
                line, at: Drawing.Point(x: 40, y: y),
                Drawing.Lettering(size: 14, color: Palette.faintInk))
            y += 20
        }
        return y + 38
    }

    private var summaries: [(name: String, latency: LatencySummary)] {
        [(curveNames.deliveries, deliveries), (curveNames.receipts, receipts)].compactMap {
            name, histogram in
            histogram.flatMap { $0.count > 0 ? (name, LatencySummary($0)) : nil }
        }
    }

    // MARK: Percentiles

    private func percentiles(_ box: Box) -> Chart {
        let measured = [deliveries, receipts].compactMap { $0 }.filter { $0.count > 0 }
        var series = [curve(curveNames.deliveries, deliveries, Palette.deliveries)]
        if let receipts { series.append(curve(curveNames.receipts, receipts, Palette.receipts)) }
        return Chart(
            title: "Latency by percentile", box: box,
            x: .percentile("percentile", valueCount: measured.map(\.count).max() ?? 1),
            y: .latency(
                "latency", least: measured.map { Self.milliseconds($0.percentile(0)) }.min() ?? 0,
                most: measured.map { Self.milliseconds($0.max) }.max() ?? 0),
            series: series, absence: "nothing delivered")
    }

    /// From the least value to the largest, where as many nines as there are values end.
    private func curve(
        _ name: String, _ histogram: Histogram, _ stroke: Drawing.Stroke
    ) -> Chart.Series {
        guard histogram.count > 0 else {
            return Chart.Series(name: name, stroke: stroke, runs: [])
        }
        let nines = max(1, log10(Double(histogram.count)))
        let places = (0...Self.curvePoints).map { index in
            let percent = 100 * (1 - pow(10, -nines * Double(index) / Double(Self.curvePoints)))
            // The largest value stands at the end, where rounding would choose the one before.
            let us = index == Self.curvePoints ? histogram.max : histogram.percentile(percent)
            return (x: percent, y: Self.milliseconds(us))
        }
        return Chart.Series(name: name, stroke: stroke, runs: [places])
    }

    private static let curvePoints = 232

    private static func milliseconds(_ us: Int64) -> Double { Double(us) / 1_000 }
}
