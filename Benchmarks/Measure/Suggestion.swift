/// The word somebody probably meant.
enum Suggestion {
    /// The candidate that takes the fewest slips to get from `word`; nil where even that takes more
    /// than a third of its letters, and more than two.
    static func closest(to word: String, among candidates: [String]) -> String? {
        let ranked = candidates.map { (candidate: $0, slips: slips(from: word, to: $0)) }
        guard let best = ranked.min(by: { $0.slips < $1.slips }) else { return nil }
        return best.slips <= max(2, word.count / 3) && best.slips < word.count
            ? best.candidate : nil
    }

    /// Letters that must be put in, taken out or replaced.
    private static func slips(from word: String, to candidate: String) -> Int {
        let letters = Array(word.utf8.prefix(64))
        let wanted = Array(candidate.utf8)
        var row = Array(0...wanted.count)
        for (taken, letter) in letters.enumerated() {
            var diagonal = row[0]
            row[0] = taken + 1
            for column in wanted.indices {
                let replaced = diagonal + (wanted[column] == letter ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[wanted.count]
    }
}
