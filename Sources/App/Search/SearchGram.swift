/// A piece of a word by which articles are found: one to three scalars.
///
/// Of dense writing every scalar and every two that stand together are grams; of sparse writing every
/// three, and the first one and two of a run. So every gram of three letters is found anywhere, one of
/// fewer only where a word begins.
struct SearchGram: Hashable, Sendable {
    /// The scalars, 21 bits each, the first lowest; 0 where there is none.
    private let packed: UInt64

    init(_ scalars: ArraySlice<Unicode.Scalar>) {
        precondition((1...3).contains(scalars.count), "a gram has one to three scalars")
        packed = scalars.reversed().reduce(0) { $0 << 21 | UInt64($1.value) }
    }

    var text: String {
        var text = String.UnicodeScalarView()
        var rest = packed
        while rest > 0 {
            if let scalar = Unicode.Scalar(UInt32(rest & 0x1f_ffff)) { text.append(scalar) }
            rest >>= 21
        }
        return String(text)
    }

    /// The grams of folded text that end at one of its scalars, whose run began at `start`.
    static func grams(
        endingAt place: Int, of scalars: [Unicode.Scalar], runFrom start: Int, _ script: ScriptClass
    ) -> [SearchGram] {
        let length = place - start + 1
        switch script {
        case .dense:
            let single = SearchGram(scalars[place...place])
            return length == 1 ? [single] : [single, SearchGram(scalars[(place - 1)...place])]
        case .sparse:
            return length < 3
                ? [SearchGram(scalars[start...place])]
                : [SearchGram(scalars[(place - 2)...place])]
        }
    }
}

/// What of an article is searched: its title and as much of its content as `gramsMax` allows.
struct SearchableText: Sendable {
    /// Bounds what an article adds to the index. A text of some 2,000 different grams has about
    /// 4,000 characters in Korean and 10,000 in English.
    static let gramsMax = 2_000

    let grams: Set<SearchGram>
    /// What they cover, folded, in UTF-8.
    let bytes: [UInt8]

    init(title: String, content: String) {
        let scalars = FoldedText(title + "\n" + content).scalars
        var grams: Set<SearchGram> = []
        var run: (start: Int, script: ScriptClass)?
        var end = scalars.startIndex
        while end < scalars.endIndex, grams.count + 2 <= Self.gramsMax {
            let script = ScriptClass(scalars[end])
            if let script {
                let start = run?.script == script ? run?.start ?? end : end
                run = (start, script)
                grams.formUnion(
                    SearchGram.grams(endingAt: end, of: scalars, runFrom: start, script))
            } else {
                run = nil
            }
            end += 1
        }
        self.grams = grams
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[..<end])
        bytes = Array(String(text).utf8)
    }
}
