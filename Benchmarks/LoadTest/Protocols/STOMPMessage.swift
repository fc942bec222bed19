/// Where the parts of a MESSAGE frame are that is alone in a WebSocket message.
///
/// The short way past the parser for what makes up nearly all of the traffic: nothing is copied, and
/// only the headers that matter here are looked at.
struct STOMPMessage: Sendable {
    let body: Range<Int>
    /// The value of the `position` header as it stands on the wire; empty without one.
    let position: Range<Int>

    private static let lineFeed = UInt8(ascii: "\n")

    /// Nil where `payload` is anything but one whole MESSAGE, with nothing behind it but line ends.
    init?(alone payload: Span<UInt8>) {
        guard payload.holds("MESSAGE\n") else { return nil }
        var position = 0..<0
        var contentLength: Int64?
        var lineStart = 8
        while true {
            guard let lineEnd = payload.firstIndex(of: Self.lineFeed, from: lineStart) else {
                return nil
            }
            if lineEnd == lineStart { break }
            switch payload[lineStart] {
            case UInt8(ascii: "p") where payload.holds("position:", at: lineStart):
                position = lineStart &+ 9..<lineEnd
            case UInt8(ascii: "c") where payload.holds("content-length:", at: lineStart):
                contentLength = payload.extracting(lineStart &+ 15..<lineEnd).trailingNumber
                if contentLength == nil { return nil }
            case UInt8(ascii: "\r"):
                // Lines that end in CR LF are the parser's.
                return nil
            default:
                break
            }
            lineStart = lineEnd &+ 1
        }
        let bodyStart = lineStart &+ 1
        let bodyEnd: Int
        if let contentLength {
            guard contentLength < Int64(payload.count &- bodyStart) else { return nil }
            bodyEnd = bodyStart &+ Int(contentLength)
        } else {
            guard let end = payload.firstIndex(of: 0, from: bodyStart) else { return nil }
            bodyEnd = end
        }
        guard payload[bodyEnd] == 0, Self.isLineEnds(payload.extracting((bodyEnd &+ 1)...)) else {
            return nil
        }
        self.body = bodyStart..<bodyEnd
        self.position = position
    }

    /// Whether a frame is unfinished after `payload`. One of nothing but line ends is a heart-beat,
    /// or belongs to what is unfinished.
    static func endsWithinFrame(_ payload: Span<UInt8>, _ wasWithinFrame: Bool) -> Bool {
        var index = payload.count &- 1
        while index >= 0, isLineEnd(payload[index]) { index &-= 1 }
        return index < 0 ? wasWithinFrame : payload[index] != 0
    }

    private static func isLineEnds(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where !isLineEnd(bytes[index]) { return false }
        return true
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == lineFeed || byte == UInt8(ascii: "\r")
    }
}
