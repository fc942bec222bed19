import TestSupport
import Testing

@testable import App

struct SearchGramTests {
    private func grams(_ text: String) -> Set<String> {
        Set(SearchableText(title: text, content: "").grams.map(\.text))
    }

    @Test func `dense writing gives every scalar and every two together`() {
        #expect(grams("강아지 개") == ["강", "아", "지", "강아", "아지", "개"])
    }

    @Test func `sparse writing gives the first one and two of a run and every three`() {
        #expect(grams("Puppy 3kg") == ["p", "pu", "pup", "upp", "ppy", "3", "3k", "3kg"])
    }

    @Test func `a run ends where the writing changes`() {
        #expect(grams("개cat") == ["개", "c", "ca", "cat"])
    }

    @Test func `only one gram decides about one word of its length`() {
        let queries = ["개", "강아", "c", "ca", "cat"].map { SearchQuery($0) }
        #expect(queries.map { $0?.decidingGram?.text } == ["개", "강아", "c", "ca", "cat"])
        for keyword in ["강아지", "cats", "개 cat", "개c"] {
            #expect(SearchQuery(keyword)?.decidingGram == nil)
        }
    }

    @Test func `a text is searched as far as its grams are counted`() {
        let words = (0..<3_000).map { String(Unicode.Scalar(0xac00 + $0)!) }
        let text = SearchableText(title: "제목", content: words.joined(separator: " "))
        #expect(text.grams.count <= SearchableText.gramsMax)
        #expect(text.grams.count >= SearchableText.gramsMax - 2)
        #expect(SearchQuery("제목")!.isIn(text.bytes))
        #expect(SearchQuery(words[1_900])!.isIn(text.bytes))
        #expect(!SearchQuery(words[2_100])!.isIn(text.bytes))
    }

    @Test func `keywords without a word, or too long, are none`() {
        #expect(SearchQuery("") == nil)
        #expect(SearchQuery(" ?! ") == nil)
        #expect(SearchQuery(String(repeating: "a", count: 101)) == nil)
        #expect(SearchQuery(String(repeating: "a", count: 100)) != nil)
        #expect(SearchQuery("a" + String(repeating: "\u{301}", count: 10_000)) == nil)
    }

    @Test(arguments: [
        ("강아지", "우리 강아지가", true), ("강아지", "강아 지", false), ("at", "Atlas", true),
        ("at", "cat", false), ("at", "개at", true), ("at", "cat at", true), ("ats", "cats", true),
        ("3kg", "13KG", true), ("개c", "번개cat", true), ("c개", "abc개", true), ("é", "été", true),
        ("t", "été", false), ("고양이 사료", "사료: 고양이용", true), ("고양이 사료", "고양이", false),
        ("aab", "aaab", true), ("abcabd", "abcabcabd", true),
    ])
    func `a term is found wherever it stands, a short one where a word begins`(
        keyword: String, text: String, isFound: Bool
    ) {
        let text = SearchableText(title: text, content: "")
        #expect(SearchQuery(keyword)!.isIn(text.bytes) == isFound)
    }

    /// What the search relies on: whoever lacks one of a query's grams can't match it, and who has the
    /// deciding one does.
    @Test(arguments: 0..<20)
    func `a text that matches has every gram of the query`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let letters = Array("ab1é개냥가 .🐶")
        func text(_ lengths: ClosedRange<Int>) -> String {
            let length = Int.random(in: lengths, using: &random)
            return String((0..<length).map { _ in letters.randomElement(using: &random)! })
        }
        var matchCount = 0
        for _ in 0..<500 {
            let searchable = SearchableText(title: text(0...12), content: text(0...12))
            guard let query = SearchQuery(text(1...5)) else { continue }
            let matches = query.isIn(searchable.bytes)
            if matches { matchCount += 1 }
            let grams = query.grams(atMost: .max)
            #expect(!grams.isEmpty)
            #expect(!matches || searchable.grams.isSuperset(of: grams))
            if let gram = query.decidingGram {
                #expect(searchable.grams.contains(gram) == matches)
            }
        }
        #expect(matchCount > 10)
    }
}
