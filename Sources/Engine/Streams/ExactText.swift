/// Text that is equal by bytes. What only looks the same (`é` composed and decomposed) is another
/// text, as it is to every store and to every other server.
struct ExactText: Hashable, Sendable {
    let text: String
    private let isASCII: Bool

    init(_ text: String) {
        self.text = text
        isASCII = text.utf8.allSatisfy { $0 < 0x80 }
    }

    func equals(_ other: String) -> Bool {
        // What Unicode's rules hold for equal to ASCII is ASCII itself or takes more bytes: U+212A,
        // the Kelvin sign, equals `K`.
        text.utf8.count == other.utf8.count && text == other
            && (isASCII || text.utf8.elementsEqual(other.utf8))
    }

    static func == (left: ExactText, right: ExactText) -> Bool {
        left.equals(right.text)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(text)
    }
}
