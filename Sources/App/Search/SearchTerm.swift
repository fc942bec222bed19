/// One of the words that are looked for.
///
/// It is found wherever a text contains it, one of one or two letters or digits only where a word
/// begins.
struct SearchTerm: Hashable, Sendable {
    /// In UTF-8.
    private let bytes: [UInt8]
    /// How far to go on when the byte under the term's last one is not what ends it (Horspool).
    private let steps: [Int]
    private let isWordStart: Bool
    /// The grams that every text with the term has; at least one.
    let grams: [SearchGram]
    /// Whether every text with the term's gram, which is the only one, has the term.
    let isOneGram: Bool

    /// A word of folded text.
    init(_ word: ArraySlice<Unicode.Scalar>) {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: word)
        bytes = Array(String(text).utf8)
        var steps = [Int](repeating: bytes.count, count: 256)
        for (index, byte) in bytes.dropLast().enumerated() {
            steps[Int(byte)] = bytes.count - 1 - index
        }
        self.steps = steps

        let runs = Self.runs(of: Array(word))
        isWordStart = runs.count == 1 && runs[0].script == .sparse && word.count < 3
        grams = runs.enumerated().flatMap { index, run in
            Self.grams(of: run, mayBeginInside: index == 0 && runs.count > 1)
        }
        let longest = runs[0].script == .dense ? 2 : 3
        isOneGram = runs.count == 1 && word.count <= longest
    }

    /// Whether folded text has the term.
    func isIn(_ text: [UInt8]) -> Bool {
        var end = bytes.count - 1
        while end < text.count {
            let start = end - bytes.count + 1
            var place = bytes.count - 1
            while place >= 0, text[start + place] == bytes[place] { place -= 1 }
            if place < 0, !isWordStart || Self.isRunStart(start, in: text) { return true }
            end += steps[Int(text[end])]
        }
        return false
    }

    private struct Run {
        var scalars: [Unicode.Scalar]
        let script: ScriptClass
    }

    private static func runs(of word: [Unicode.Scalar]) -> [Run] {
        var runs: [Run] = []
        for scalar in word {
            guard let script = ScriptClass(scalar) else {
                preconditionFailure("a word has no separators")
            }
            if runs.last?.script == script {
                runs[runs.count - 1].scalars.append(scalar)
            } else {
                runs.append(Run(scalars: [scalar], script: script))
            }
        }
        return runs
    }

    /// The grams of one run of the term. Where a text may have more of the run before it, what begins
    /// the run need not begin a word.
    private static func grams(of run: Run, mayBeginInside: Bool) -> [SearchGram] {
        let length = run.scalars.count
        switch run.script {
        case .dense where length == 1: return [SearchGram(run.scalars[...])]
        case .dense: return (1..<length).map { SearchGram(run.scalars[($0 - 1)...$0]) }
        case .sparse where length < 3:
            return mayBeginInside ? [] : [SearchGram(run.scalars[...])]
        case .sparse: return (2..<length).map { SearchGram(run.scalars[($0 - 2)...$0]) }
        }
    }

    /// Whether a run of sparse writing begins at this byte, which is one of them.
    private static func isRunStart(_ place: Int, in text: [UInt8]) -> Bool {
        guard place > 0 else { return true }
        if text[place - 1] < 0x80 { return text[place - 1] == UInt8(ascii: " ") }
        var start = place - 1
        while start > 0, text[start] & 0xc0 == 0x80 { start -= 1 }
        let before = String(decoding: text[start..<place], as: UTF8.self).unicodeScalars.first
        return before.flatMap(ScriptClass.init) != .sparse
    }
}

/// What somebody looks for: every one of the terms.
struct SearchQuery: Sendable, Hashable {
    static let charactersMax = 100

    let terms: [SearchTerm]

    /// Nil where the keyword is too long, or has nothing that could be looked for.
    init?(_ keyword: String) {
        guard keyword.utf8.count <= 16 * Self.charactersMax, keyword.count <= Self.charactersMax
        else { return nil }
        var known: Set<SearchTerm> = []
        terms = FoldedText(keyword).words.map { SearchTerm($0) }
            .filter { known.insert($0).inserted }
        if terms.isEmpty { return nil }
    }

    /// The gram that says everything there is to know about which texts match; nil where there is
    /// more to know.
    var decidingGram: SearchGram? {
        terms.count == 1 && terms[0].isOneGram ? terms[0].grams[0] : nil
    }

    /// Up to `countMax` grams that every text which matches has, those of all terms in turn.
    func grams(atMost countMax: Int) -> [SearchGram] {
        var grams: [SearchGram] = []
        let longest = terms.map(\.grams.count).max() ?? 0
        for place in 0..<longest {
            for term in terms where place < term.grams.count {
                if grams.count == countMax { return grams }
                if !grams.contains(term.grams[place]) { grams.append(term.grams[place]) }
            }
        }
        return grams
    }

    func isIn(_ text: [UInt8]) -> Bool { terms.allSatisfy { $0.isIn(text) } }
}
