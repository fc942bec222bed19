import Testing

@testable import App

struct FoldedTextTests {
    private func fold(_ text: String) -> String {
        var folded = String.UnicodeScalarView()
        folded.append(contentsOf: FoldedText(text).scalars)
        return String(folded)
    }

    @Test(arguments: [
        ("Golden RETRIEVER", "golden retriever"), ("ＡＢＣ１２３", "abc123"), ("ｱｲｳ", "アイウ"),
        ("Straße", "strasse"), ("ΟΔΟΣ", "οδοσ"), ("ﬁsh", "fish"), ("½", "1 2"),
        ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글"), ("cafe\u{301}", "café"),
        ("pet\u{ad}nexus\u{200d}", "petnexus"),
    ])
    func `case, width and composition make no difference`(text: String, folded: String) {
        #expect(fold(text).unicodeScalars.elementsEqual(folded.unicodeScalars))
    }

    @Test func `words have one space between them, and nothing else is left`() {
        #expect(fold("  \"강아지\",\n (3kg) — 사료!? ") == "강아지 3kg 사료")
        #expect(fold("$5~10") == "5 10")
        #expect(fold("…!").isEmpty)
    }

    @Test func `pictures are words`() {
        #expect(fold("🐶: ❤️") == "🐶 ❤")
    }

    @Test func `folding what is folded changes nothing`() {
        for text in ["ǅungla İstanbul", "ᾳ ΐ", "㎏ ㈜ ㋿", "각\u{11a8}", "ﬀ\u{345}"] {
            let once = fold(text)
            #expect(fold(once).unicodeScalars.elementsEqual(once.unicodeScalars))
        }
    }
}
