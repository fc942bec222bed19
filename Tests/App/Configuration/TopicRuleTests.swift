import Engine
import Testing

@testable import App

struct TopicRuleTests {
    @Test(arguments: [
        ("news", "news", true), ("news", "new", false), ("news", "news.cats", false),
        ("news.*", "news.cats", true), ("news.*", "news", false),
        ("news.*", "news.cats.wild", false), ("news.*", "news.", false),
        ("*.cats", "news.cats", true), ("*.cats", "news.dogs", false),
        ("news.**", "news.cats.wild", true), ("news.**", "news", true),
        ("news.**", "newsroom", false), ("news/*/wild", "news.cats.wild", true),
        ("**", "anything.at/all", true),
    ])
    func `a pattern fits the whole of a name`(pattern: String, name: String, fits: Bool) throws {
        #expect(try #require(TopicPattern(pattern)).matches(name) == fits)
    }

    @Test(arguments: ["", ".", "news.", ".news", "a..b", "news.**.cats", "new*", "***", "a.**b"])
    func `refuses a pattern with empty segments or stray stars`(pattern: String) {
        #expect(TopicPattern(pattern) == nil)
    }

    @Test(
        arguments: [
            ("news.**=history:1000,age:7d", 1_000, 604_800_000), ("a=age:500ms,history:1", 1, 500),
            ("a=history:0", 0, nil),
        ] as [(String, Int, Int64?)])
    func `a rule says how many are kept, and how long`(text: String, count: Int, ageMs: Int64?) {
        #expect(TopicRule(text)?.retention == Retention(countMax: count, ageMaxMs: ageMs))
    }

    @Test(arguments: [
        "news", "=history:1", "a=", "a=age:7d", "a=history:", "a=history:-1", "a=history:1,",
        "a=history:1,history:2", "a=history:1,age:7", "a=history:1,age:0s", "a=history:1,max:3",
        "a=history:99999999999",
    ])
    func `refuses a rule that is incomplete or says a thing twice`(text: String) {
        #expect(TopicRule(text) == nil)
    }

    @Test func `the first rule that matches a topic decides`() throws {
        var configuration = Configuration()
        configuration.topics = try ["news.cats=history:5", "news.**=history:9"].map {
            try #require(TopicRule($0))
        }
        #expect(configuration.retention(ofTopic: "news.cats").countMax == 5)
        #expect(configuration.retention(ofTopic: "news.dogs").countMax == 9)
        #expect(configuration.retention(ofTopic: "weather") == .nothing)
    }
}
