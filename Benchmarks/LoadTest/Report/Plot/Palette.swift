/// The colours of plots, on white, after Okabe and Ito's set that colour-blind people can tell
/// apart. Lines that share a chart differ in their dashes, too, so that a grey print is enough.
enum Palette {
    static let background = "#ffffff"
    static let ink = "#1a1a1a"
    static let faintInk = "#5c5c5c"
    static let frame = "#8c8c8c"
    static let grid = "#e3e3e3"
    static let faintGrid = "#f1f1f1"
    /// Time that isn't measured.
    static let shade = "#f4f1ea"
    static let warning = "#b34700"

    static let blue = "#0072b2"
    static let vermilion = "#d55e00"
    static let green = "#00805e"
    static let purple = "#a0527f"
    static let grey = "#7a7a7a"

    static let deliveries = Drawing.Stroke(color: blue, width: 2)
    static let receipts = Drawing.Stroke(color: vermilion, width: 2, dashes: "7 3")
    static let publishes = Drawing.Stroke(color: ink, width: 1.3, dashes: "2 3")
    static let median = Drawing.Stroke(color: blue, width: 2)
    static let tail = Drawing.Stroke(color: vermilion, width: 1.7, dashes: "6 3")
    static let maximum = Drawing.Stroke(color: grey, width: 1.2, dashes: "1.5 2.5")
    static let server = Drawing.Stroke(color: green, width: 2)
    static let generator = Drawing.Stroke(color: grey, width: 1.5, dashes: "5 3")
    static let memory = Drawing.Stroke(color: purple, width: 2)
    static let mark = Drawing.Stroke(color: ink, width: 1, dashes: "1 3")
}
