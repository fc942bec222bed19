/// What happened over time, in charts below each other that share the time: throughput, latency, CPU
/// and memory. Those that nothing is known of are left out.
struct TimeCharts {
    let timeline: TimelineSummary
    /// The seconds that results are of; what lies before and after is shaded.
    let measured: ClosedRange<Double>?
    /// Deliveries that one message makes.
    let fanOut: Double
    let box: Box

    /// Room for a chart's title, above it.
    private static let headHeight = 46.0

    /// One chart before it has a place.
    private struct Panel {
        /// Its part of the height, relative to the others.
        let weight: Double
        let chart: (Box, Axis) -> Chart
    }

    /// All of them; the time is named below the last one.
    func draw(into drawing: inout Drawing) {
        let panels = self.panels
        let time = Axis.time("time", from: 0, to: end)
        let weights = panels.reduce(0) { $0 + $1.weight }
        let room = box.height - Self.headHeight * Double(panels.count - 1)
        var top = box.top
        for (index, panel) in panels.enumerated() {
            let height = room * panel.weight / weights
            var chart = panel.chart(
                Box(left: box.left, top: top, width: box.width, height: height), time)
            chart.namesX = index == panels.count - 1
            shade(chart, naming: index == 0, into: &drawing)
            chart.draw(into: &drawing)
            drawMarks(on: chart, naming: index == 0, into: &drawing)
            top += height + Self.headHeight
        }
    }

    private var panels: [Panel] {
        var panels: [Panel] = []
        if hasTraffic || timeline.usage.isEmpty {
            panels.append(Panel(weight: 3, chart: throughput))
            panels.append(Panel(weight: 3, chart: latency))
        }
        if !timeline.usage.isEmpty { panels.append(Panel(weight: 2, chart: processors)) }
        if timeline.usage.contains(where: { $0.serverResidentBytes != nil }) {
            panels.append(Panel(weight: hasTraffic ? 1.6 : 3, chart: memory))
        }
        return panels
    }

    private var hasTraffic: Bool {
        timeline.points.contains { $0.published > 0 || $0.delivered > 0 }
    }

    private var end: Double {
        max(timeline.points.last?.to ?? 0, timeline.usage.last?.to ?? 0)
    }

    // MARK: The charts

    private func throughput(_ box: Box, _ time: Axis) -> Chart {
        let points = timeline.points
        let isPublishing = points.contains { $0.published > 0 }
        let most =
            points.map {
                max(Double($0.delivered), Double($0.published) * fanOut) / $0.seconds
            }.max() ?? 0
        let y = Axis.linear("deliveries/s", upTo: most * 1.05)
        let deliveries = Chart.Series(
            name: "deliveries", stroke: Palette.deliveries,
            runs: steps(points.map { ($0.from, $0.to, Double($0.delivered) / $0.seconds) }))
        let publishes = Chart.Series(
            name: "publishes (right)", stroke: Palette.publishes,
            runs: steps(points.map { ($0.from, $0.to, Double($0.published) / $0.seconds) }),
            usesRightAxis: true)
        return Chart(
            title: "Throughput", box: box, x: time, y: y,
            // Both lines are one where every message arrives at every member at once.
            right: isPublishing ? .linear("publishes/s", endingAt: y.end / max(1, fanOut)) : nil,
            series: isPublishing ? [deliveries, publishes] : [deliveries])
    }

    private func latency(_ box: Box, _ time: Axis) -> Chart {
        func runs(_ value: (TimelineSummary.Point) -> Double?) -> [[(x: Double, y: Double)]] {
            steps(timeline.points.map { ($0.from, $0.to, value($0)) })
        }
        return Chart(
            title: "Latency over time", box: box, x: time,
            y: .latency(
                "latency", least: timeline.points.compactMap(\.p50).min() ?? 0,
                most: timeline.points.compactMap(\.max).max() ?? 0),
            series: [
                Chart.Series(name: "max", stroke: Palette.maximum, runs: runs(\.max)),
                Chart.Series(name: "p99", stroke: Palette.tail, runs: runs(\.p99)),
                Chart.Series(name: "p50", stroke: Palette.median, runs: runs(\.p50)),
            ], absence: "nothing delivered")
    }

    private func processors(_ box: Box, _ time: Axis) -> Chart {
        let usage = timeline.usage
        let most = usage.map { max($0.serverShare ?? 0, $0.generatorShare) }.max() ?? 0
        let server = Chart.Series(
            name: "server", stroke: Palette.server,
            runs: steps(usage.map { ($0.from, $0.to, $0.serverShare.map { $0 * 100 }) }))
        let generator = Chart.Series(
            name: "generator", stroke: Palette.generator,
            runs: steps(usage.map { ($0.from, $0.to, $0.generatorShare * 100) }))
        return Chart(
            title: "CPU", box: box, x: time,
            y: .linear("% of a core", upTo: max(10, most * 105)),
            series: server.runs.isEmpty ? [generator] : [generator, server])
    }

    private func memory(_ box: Box, _ time: Axis) -> Chart {
        let mebibytes = timeline.usage.map { usage in
            (usage.from, usage.to, usage.serverResidentBytes.map { Double($0) / 1_048_576 })
        }
        return Chart(
            title: "Server memory, resident", box: box, x: time,
            y: .linear("MiB", upTo: (mebibytes.compactMap(\.2).max() ?? 0) * 1.05),
            series: [Chart.Series(name: "", stroke: Palette.memory, runs: steps(mebibytes))])
    }

    /// A level line from the beginning to the end of each stretch of time.
    private func steps(
        _ stretches: [(from: Double, to: Double, value: Double?)]
    ) -> [[(x: Double, y: Double)]] {
        var runs: [[(x: Double, y: Double)]] = []
        var run: [(x: Double, y: Double)] = []
        for stretch in stretches {
            if let value = stretch.value {
                run += [(stretch.from, value), (stretch.to, value)]
            } else if !run.isEmpty {
                runs.append(run)
                run = []
            }
        }
        return run.isEmpty ? runs : runs + [run]
    }

    // MARK: Around the lines

    private func shade(_ chart: Chart, naming: Bool, into drawing: inout Drawing) {
        guard let measured else { return }
        for (name, from, to) in [
            ("warm-up", 0, measured.lowerBound), ("", measured.upperBound, end),
        ] {
            let left = chart.placeX(from)
            let width = chart.placeX(to) - left
            guard width > 1 else { continue }
            drawing.rectangle(
                Box(left: left, top: chart.box.top, width: width, height: chart.box.height),
                fill: Palette.shade)
            if naming, width > 48 {
                drawing.text(
                    name, at: Drawing.Point(x: left + 5, y: chart.box.bottom - 7),
                    Drawing.Lettering(size: 11, color: Palette.faintInk))
            }
        }
    }

    private func drawMarks(on chart: Chart, naming: Bool, into drawing: inout Drawing) {
        for mark in timeline.marks {
            let left = chart.placeX(mark.at)
            drawing.line(
                from: Drawing.Point(x: left, y: chart.box.top),
                to: Drawing.Point(x: left, y: chart.box.bottom), Palette.mark)
        }
        guard naming else { return }
        for (index, mark) in timeline.marks.enumerated() {
            let left = chart.placeX(mark.at)
            let fits = left + Drawing.width(of: mark.label, size: 11) + 8 < chart.box.right
            drawing.text(
                mark.label,
                at: Drawing.Point(
                    x: left + (fits ? 4 : -4), y: chart.box.bottom - 8 - Double(index % 4) * 15),
                Drawing.Lettering(size: 11, anchor: fits ? .start : .end, hasHalo: true))
        }
    }
}
