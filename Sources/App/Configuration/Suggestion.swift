/// The word somebody probably meant.
enum Suggestion {
    /// The candidate that is the fewest slips away from `word`, or contains it; nil where none is
    /// near enough for the suggestion to help.
    static func closest(to word: String, among candidates: [String]) -> String? {
        let ranked = candidates.map { (candidate: $0, slips: slips(from: word, to: $0)) }
        let slipsMax = max(2, word.count / 3)
        if let best = ranked.min(by: { $0.slips < $1.slips }), best.slips <= slipsMax,
            best.slips < word.count
        {
            return best.candidate
        }
        return word.count < 3 ? nil : candidates.first { $0.contains(word) }
    }

    /// The same for a flag, whose dashes count for nothing; the candidates come without them.
    static func closestFlag(to flag: String, among names: [String]) -> String? {
        let name = String(flag.drop { $0 == "-" })
        return closest(to: name, among: names).map { "--" + $0 }
    }

    /// The optimal string alignment distance: insertions, deletions, replacements and swaps of
    /// neighbours, each counted as one.
    private static func slips(from word: String, to candidate: String) -> Int {
        let a = Array(word.unicodeScalars.prefix(64))
        let b = Array(candidate.unicodeScalars)
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                let replaced = last[j] + (a[i] == b[j] ? 0 : 1)
                var best = min(replaced, last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
