/// The table of a plot: percentiles in columns, and other figures a row each.
struct KeyFigures {
    let groups: [ResultTable.Group]
    let latencies: [(name: String, latency: LatencySummary)]
    let warnings: [String]

    private static let rowHeight = 22.0
    private static let nameWidth = 110.0
    /// As many as there is room for below a curve.
    private static let groupsMax = 9

    /// Draws the table with its upper left corner at a place.
    func draw(into drawing: inout Drawing, left: Double, top: Double, width: Double) {
        var y = top
        func rule(_ y: Double, _ color: String) {
            drawing.line(
                from: Drawing.Point(x: left, y: y - 15),
                to: Drawing.Point(x: left + width, y: y - 15), Drawing.Stroke(color: color))
        }
        if !latencies.isEmpty {
            y += Self.rowHeight
            for (index, name) in LatencySummary.columns.enumerated() {
                drawing.text(
                    name, at: Drawing.Point(x: column(index, left, width), y: y),
                    Drawing.Lettering(size: 13, color: Palette.faintInk, anchor: .end))
            }
            drawing.text(
                "latency in ms", at: Drawing.Point(x: left, y: y),
                Drawing.Lettering(size: 13, color: Palette.faintInk))
            for (name, latency) in latencies {
                y += Self.rowHeight
                rule(y, Palette.grid)
                drawing.text(
                    name, at: Drawing.Point(x: left, y: y), Drawing.Lettering(size: 13))
                for (index, value) in latency.values.enumerated() {
                    drawing.text(
                        value.significant, at: Drawing.Point(x: column(index, left, width), y: y),
                        Drawing.Lettering(size: 13, anchor: .end))
                }
            }
        }
        for (index, group) in groups.filter({ !$0.facts.isEmpty }).prefix(Self.groupsMax)
            .enumerated()
        {
            y += Self.rowHeight
            rule(y, index == 0 ? Palette.frame : Palette.grid)
            drawing.text(
                group.name, at: Drawing.Point(x: left, y: y),
                Drawing.Lettering(size: 13, color: Palette.faintInk))
            drawing.text(
                group.facts.joined(separator: " · "),
                at: Drawing.Point(x: left + Self.nameWidth, y: y), Drawing.Lettering(size: 13))
        }
        y += Self.rowHeight * 0.3
        for warning in warnings {
            y += Self.rowHeight
            drawing.text(
                warning, at: Drawing.Point(x: left, y: y),
                Drawing.Lettering(size: 13, color: Palette.warning, isBold: true))
        }
    }

    /// Where a column of percentiles ends.
    private func column(_ index: Int, _ left: Double, _ width: Double) -> Double {
        left + Self.nameWidth + (width - Self.nameWidth) / 5 * Double(index + 1)
    }
}
