/// Bytes that must not be shown. Printing, interpolating or dumping one gives a mask.
struct Secret: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var description: String { "(hidden)" }

    /// Without children, so that `dump` shows none of the bytes.
    var customMirror: Mirror { Mirror(self, children: []) }
}
