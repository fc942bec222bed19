import Engine
import TestSupport
import Testing

@testable import App

struct ArticleSearchTests {
    private let clock = ManualClock()
    private let store: InMemoryStore

    init() {
        let clock = clock
        store = InMemoryStore(now: { clock.nowMs })
    }

    private func article(_ id: Int64, _ title: String, _ content: String = "x") -> Article {
        Article(
            id: id, authorId: 1, title: title, content: content, images: [],
            createdAtMs: clock.nowMs, updatedAtMs: clock.nowMs, trade: nil)
    }

    /// Makes an article found by what it says.
    private func post(_ id: Int64, _ title: String, _ content: String = "x") async throws {
        try await change(nil, to: article(id, title, content))
    }

    private func change(_ before: Article?, to after: Article?) async throws {
        try await store.commit(ArticleLists.changes(from: before, to: after))
    }

    private func find(
        _ keyword: String, skip: Int = 0, limit: Int = 1_000
    ) async throws -> (ids: [String], total: Int) {
        try await ArticleSearch(store: store).find(
            try #require(SearchQuery(keyword)), .post, skip: skip, limit: limit)
    }

    @Test func `what is changed is found by what it says now`() async throws {
        let (before, after) = (
            article(1, "고양이 사료", "three kilograms"), article(1, "강아지 사료", "three kilograms")
        )
        try await change(nil, to: before)
        try await change(before, to: after)
        #expect(try await find("고양이").total == 0)
        for keyword in ["강아지", "사료", "kilo", "강아지 three"] {
            #expect(try await find(keyword).ids == ["1"])
        }
    }

    @Test func `nothing is left of what is taken away`() async throws {
        let article = article(1, "강아지")
        try await change(nil, to: article)
        try await change(article, to: nil)
        #expect(try await find("강아").total == 0)
        #expect(try await find("강아지").total == 0)
        #expect(try await store.records([SearchIndex.textKey(.post, "1")]) == [nil])
    }

    @Test func `a change of something else costs the index nothing`() {
        let before = article(1, "강아지")
        var after = before
        after.images = ["a.png"]
        #expect(SearchIndex.changes(from: before, to: after).isEmpty)
    }

    @Test func `kinds are searched apart`() async throws {
        try await post(1, "강아지")
        let query = try #require(SearchQuery("강아지"))
        let found = try await ArticleSearch(store: store).find(query, .trade, skip: 0, limit: 9)
        #expect(found.total == 0)
    }

    @Test func `what only shares grams with the keyword is not found`() async throws {
        try await post(1, "강아 아지")
        #expect(try await find("강아지").total == 0)
    }

    @Test(arguments: [1, 200, 500])
    func `pages hold every match once, the newest first`(articlesPerMs: Int64) async throws {
        for number in 1...1_200 as ClosedRange<Int64> {
            try await post(number, number % 2 == 0 ? "강아지 산책" : "강아 아지 산책")
            if number % articlesPerMs == 0 { clock.advance(byMs: 1) }
        }
        var found: [String] = []
        for page in 0..<9 {
            let answer = try await find("강아지 산책", skip: 70 * page, limit: 70)
            #expect(answer.total == 600)
            found += answer.ids
        }
        let expected = (1...600).map { String($0 * 2) }
        #expect(found.count == 600)
        #expect(Set(found) == Set(expected))
        if articlesPerMs == 1 { #expect(found == expected.reversed()) }
    }

    @Test func `so many matches are found and no more`() async throws {
        let count = ArticleSearch.matchesMax + 1
        for number in 1...count {
            try await post(Int64(number), "강아지")
            clock.advance(byMs: 1)
        }
        #expect(try await find("강아지").total == ArticleSearch.matchesMax)
        #expect(try await find("강아").total == count)
    }
}
