/// A rectangle with axes that lines are drawn into.
struct Chart {
    /// What is drawn for one name in the legend.
    struct Series {
        /// Empty for a chart with one line, which has no legend.
        let name: String
        let stroke: Drawing.Stroke
        /// Runs of places with a value; between two runs there is none.
        let runs: [[(x: Double, y: Double)]]
        /// Whether values are held against the axis at the right.
        var usesRightAxis = false
    }

    let title: String
    let box: Box
    let x: Axis
    let y: Axis
    var right: Axis?
    var series: [Series] = []
    /// Whether the values of `x` are named below.
    var namesX = true
    /// What is said in the middle of a chart without any value.
    var absence = "nothing measured"

    /// The frame with everything in it.
    func draw(into drawing: inout Drawing) {
        drawHead(into: &drawing)
        drawGrid(into: &drawing)
        for series in series {
            let axis = series.usesRightAxis ? right ?? y : y
            for run in series.runs {
                drawing.path(run.map { place($0.x, $0.y, on: axis) }, series.stroke)
            }
        }
        if series.allSatisfy({ $0.runs.allSatisfy(\.isEmpty) }) {
            drawing.text(
                absence, at: Drawing.Point(x: box.left + box.width / 2, y: middle + 4),
                Drawing.Lettering(size: 13, color: Palette.faintInk, anchor: .middle))
        }
        drawFrame(into: &drawing)
    }

    /// Where a value of `x` is.
    func placeX(_ value: Double) -> Double { box.left + x.fraction(of: value) * box.width }

    private func place(_ valueX: Double, _ valueY: Double, on axis: Axis) -> Drawing.Point {
        Drawing.Point(x: placeX(valueX), y: placeY(valueY, on: axis))
    }

    private func placeY(_ value: Double, on axis: Axis) -> Double {
        box.bottom - axis.fraction(of: value) * box.height
    }

    private var middle: Double { box.top + box.height / 2 }

    /// The title, and the legend at its right.
    private func drawHead(into drawing: inout Drawing) {
        let y = box.top - 12
        drawing.text(
            title, at: Drawing.Point(x: box.left, y: y), Drawing.Lettering(size: 14, isBold: true))
        var left = box.right
        for series in series.reversed() where !series.name.isEmpty {
            left -= Drawing.width(of: series.name, size: 12)
            drawing.text(series.name, at: Drawing.Point(x: left, y: y))
            drawing.line(
                from: Drawing.Point(x: left - 33, y: y - 4),
                to: Drawing.Point(x: left - 6, y: y - 4), series.stroke)
            left -= 49
        }
    }

    private func drawGrid(into drawing: inout Drawing) {
        for tick in x.ticks {
            let left = placeX(tick.value)
            drawing.line(
                from: Drawing.Point(x: left, y: box.top),
                to: Drawing.Point(x: left, y: box.bottom), Drawing.Stroke(color: Palette.grid))
            if namesX, let label = tick.label {
                drawing.text(
                    label, at: Drawing.Point(x: left, y: box.bottom + 17),
                    Drawing.Lettering(anchor: .middle))
            }
        }
        for tick in y.ticks {
            let top = placeY(tick.value, on: y)
            drawing.line(
                from: Drawing.Point(x: box.left, y: top),
                to: Drawing.Point(x: box.right, y: top),
                Drawing.Stroke(color: tick.label == nil ? Palette.faintGrid : Palette.grid))
            if let label = tick.label {
                drawing.text(
                    label, at: Drawing.Point(x: box.left - 7, y: top + 4),
                    Drawing.Lettering(anchor: .end))
            }
        }
        for tick in right?.ticks ?? [] {
            guard let right, let label = tick.label else { continue }
            let top = placeY(tick.value, on: right)
            drawing.line(
                from: Drawing.Point(x: box.right, y: top),
                to: Drawing.Point(x: box.right + 4, y: top), Drawing.Stroke(color: Palette.frame))
            drawing.text(label, at: Drawing.Point(x: box.right + 8, y: top + 4))
        }
    }

    /// The outline, and what the axes measure.
    private func drawFrame(into drawing: inout Drawing) {
        let corners = [
            (box.left, box.top), (box.left, box.bottom), (box.right, box.bottom),
            (box.right, box.top), (box.left, box.top),
        ]
        drawing.path(
            corners.map { Drawing.Point(x: $0.0, y: $0.1) }, Drawing.Stroke(color: Palette.frame))
        let faint = Drawing.Lettering(color: Palette.faintInk, anchor: .middle)
        var upwards = faint
        upwards.turn = -90
        drawing.text(y.title, at: Drawing.Point(x: box.left - 56, y: middle), upwards)
        if let right {
            var downwards = faint
            downwards.turn = 90
            drawing.text(right.title, at: Drawing.Point(x: box.right + 50, y: middle), downwards)
        }
        if namesX {
            drawing.text(
                x.title, at: Drawing.Point(x: box.left + box.width / 2, y: box.bottom + 37), faint)
        }
    }
}
