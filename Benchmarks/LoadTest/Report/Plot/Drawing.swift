/// The inside of an SVG document, written element by element.
struct Drawing {
    private(set) var markup = ""

    /// How a line is drawn.
    struct Stroke: Hashable, Sendable {
        var color: String
        var width = 1.0
        /// Lengths of dash and gap; empty for a line without gaps.
        var dashes = ""

        fileprivate var attributes: String {
            #" stroke="\#(color)" stroke-width="\#(Drawing.number(width))""#
                + (dashes.isEmpty ? "" : #" stroke-dasharray="\#(dashes)""#)
        }
    }

    /// How words are set.
    struct Lettering: Hashable, Sendable {
        var size = 12.0
        var color = Palette.ink
        var isBold = false
        var anchor = Anchor.start
        /// Around the text's own place, in degrees.
        var turn = 0.0
        /// Whether lines below the text end a little before it.
        var hasHalo = false
    }

    /// Which part of a text stands at its place.
    enum Anchor: String, Sendable {
        case start, middle, end
    }

    /// A place, in units of the view box.
    struct Point: Hashable, Sendable {
        var x: Double
        var y: Double
    }

    /// A filled area without an outline.
    mutating func rectangle(_ box: Box, fill: String) {
        markup +=
            #"<rect x="\#(Self.number(box.left))" y="\#(Self.number(box.top))" "#
            + #"width="\#(Self.number(box.width))" height="\#(Self.number(box.height))" "#
            + #"fill="\#(fill)"/>"# + "\n"
    }

    /// A straight line.
    mutating func line(from start: Point, to end: Point, _ stroke: Stroke) {
        markup +=
            #"<line x1="\#(Self.number(start.x))" y1="\#(Self.number(start.y))" "#
            + #"x2="\#(Self.number(end.x))" y2="\#(Self.number(end.y))"\#(stroke.attributes)/>"#
            + "\n"
    }

    /// A line through all of `points`; a single one becomes a dot.
    mutating func path(_ points: [Point], _ stroke: Stroke) {
        guard points.count > 1 else {
            if let point = points.first { dot(at: point, color: stroke.color) }
            return
        }
        let places = points.map { Self.number($0.x) + "," + Self.number($0.y) }
        markup +=
            #"<polyline fill="none" stroke-linejoin="round"\#(stroke.attributes) "#
            + #"points="\#(places.joined(separator: " "))"/>"# + "\n"
    }

    /// A disc that marks a single value.
    mutating func dot(at point: Point, color: String) {
        markup +=
            #"<circle cx="\#(Self.number(point.x))" cy="\#(Self.number(point.y))" r="2.5" "#
            + #"fill="\#(color)"/>"# + "\n"
    }

    /// Words, whose characters with a meaning in XML are escaped.
    mutating func text(_ text: String, at point: Point, _ lettering: Lettering = Lettering()) {
        let place = Self.number(point.x) + "," + Self.number(point.y)
        markup +=
            #"<text x="\#(Self.number(point.x))" y="\#(Self.number(point.y))" "#
            + #"font-size="\#(Self.number(lettering.size))" fill="\#(lettering.color)""#
            + (lettering.isBold ? #" font-weight="bold""# : "")
            + (lettering.anchor == .start ? "" : #" text-anchor="\#(lettering.anchor.rawValue)""#)
            + (lettering.hasHalo
                ? #" stroke="\#(Palette.background)" stroke-width="4" paint-order="stroke""# : "")
            + (lettering.turn == 0
                ? "" : #" transform="rotate(\#(Self.number(lettering.turn)),\#(place))""#)
            + ">" + Self.escaped(text) + "</text>\n"
    }

    /// About as wide as `text` becomes; fonts differ.
    static func width(of text: String, size: Double) -> Double {
        text.reduce(0) { width, character in
            switch character {
            case "i", "j", "l", "t", "f", "r", ".", ",", ":", "'", "|", " ", "(", ")", "/":
                width + 0.34
            case "m", "w", "M", "W", "%", "@": width + 0.92
            case _ where character.isUppercase: width + 0.7
            case _ where !character.isASCII: width + 1
            case _: width + 0.58
            }
        } * size
    }

    /// A coordinate, to a tenth of a unit.
    static func number(_ value: Double) -> String {
        let text = value.fixed(1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Text as XML 1.0 may have it: characters that no document may contain become �.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n", "\r": escaped += " "
            case "\u{0}"..<" ", "\u{fffe}", "\u{ffff}": escaped += "\u{fffd}"
            case _: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}

/// A rectangle, in units of the view box.
struct Box: Hashable, Sendable {
    var left: Double
    var top: Double
    var width: Double
    var height: Double

    var right: Double { left + width }
    var bottom: Double { top + height }
}
