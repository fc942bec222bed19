import Testing

@testable import App

struct AccountNamesTests {
    @Test(arguments: [
        ("a@b", "a@b"), (" Mia@Example.org\t", "mia@example.org"),
        ("m+pets@sub.example.co.kr", "m+pets@sub.example.co.kr"),
        ("ÄNNE@example.org", "änne@example.org"),
        ("ju\u{308}rgen@example.org", "j\u{fc}rgen@example.org"),
    ])
    func `reads an address into its one spelling`(input: String, text: String) {
        #expect(
            EmailAddress(input).map { Array($0.text.unicodeScalars) } == Array(text.unicodeScalars))
    }

    @Test(arguments: [
        "", "@", "mia", "mia@", "@example.org", "a@b@c", "mia@example..org", "mia@.org", "mia@org.",
        "mi a@example.org", "mia@exam\nple.org", "mia\0@example.org", "mia\u{202e}@example.org",
        String(repeating: "x", count: 65) + "@example.org",
        "mia@" + String(repeating: "x", count: 251), String(repeating: "@", count: 1_000_000),
    ])
    func `refuses what is no address`(input: String) {
        #expect(EmailAddress(input) == nil)
    }

    @Test(arguments: ["robot", "r", "a.b-c_9", String(repeating: "x", count: 30)])
    func `takes plain login names`(input: String) {
        #expect(LoginName(input)?.text == input)
    }

    @Test(arguments: ["", " ", "a b", "a@b", "ä", "a/b", String(repeating: "x", count: 31)])
    func `refuses any other login name`(input: String) {
        #expect(LoginName(input) == nil)
    }

    @Test(arguments: [
        "M", "Mia 🐈", "미아", "👨‍👩‍👧", String(repeating: "é", count: 30),
    ])
    func `takes the names of people`(input: String) {
        #expect(Nickname(input)?.text == input)
    }

    @Test(arguments: [
        "", " \t", "a\nb", "a\0", "\u{200b}", "Mia\u{202e}nimda", "Mia\u{2066}x",
        String(repeating: "é", count: 31), "e" + String(repeating: "\u{301}", count: 200),
        String(repeating: "x", count: 1_000_000),
    ])
    func `refuses names that nobody could read`(input: String) {
        #expect(Nickname(input) == nil)
    }

    @Test func `makes a name of any address`() throws {
        let long = try #require(EmailAddress(String(repeating: "x", count: 64) + "@example.org"))
        #expect(Nickname(default: long).text == String(repeating: "x", count: 30))
        let invisible = try #require(EmailAddress("\u{200d}@example.org"))
        #expect(Nickname(default: invisible).text == "user")
    }
}
