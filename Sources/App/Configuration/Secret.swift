/// Bytes that must not be shown. Printing, interpolating or dumping one gives a mask.
package struct Secret: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    package let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    package var description: String { "(hidden)" }

    /// Without children, so that `dump` shows none of the bytes.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
