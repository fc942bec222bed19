"""Looking for posts and trades by what they say, over REST, on each kind of store."""

import itertools
import random
import unicodedata
from urllib.parse import quote

import pytest

KINDS = ("post", "trade")
TERMS = {"category": "ITEM", "price": 1000}
# Words that no other test's articles have.
_marks = (f"표식{number:04}" for number in itertools.count())


@pytest.fixture(scope="module")
def mina(site):
    return site.join("Mina")


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def mark():
    return next(_marks)


@pytest.fixture
def write(mina, kind):
    """Writes an article, and answers with its number."""

    def make(title, content="x"):
        body = {"title": title, "content": content, **(TERMS if kind == "trade" else {})}
        made = mina.rest.post(f"/api/{kind}", body)
        assert made.status == 201, made.body
        return made.json["id"]

    return make


@pytest.fixture
def search(site, kind):
    """Looks for a keyword, and answers with the page."""

    def ask(keyword, query="&size=100"):
        answer = site.rest.get(f"/api/{kind}/search?keyword={quote(keyword)}{query}")
        assert answer.status == 200, answer.body
        return answer.json

    return ask


def ids(page):
    return [each["id"] for each in page["content"]]


@pytest.mark.parametrize("keyword", [
    "강아지", "강", "아지", "산책로", "golden", "RETRIEVER", "riev", "go", "ＧＯＬＤＥＮ", "3kg", "3",
    unicodedata.normalize("NFD", "강아지"), "강아지 golden", "지, golden!", "🐶", "지3k",
])
def test_an_article_is_found_by_what_it_says(write, search, mark, keyword):
    article = write(f"{mark} 우리 강아지3kg", "한강 산책로에서\nGolden Retriever 🐶")
    assert ids(search(f"{mark} {keyword}")) == [article]
    assert article in ids(search(keyword))


@pytest.mark.parametrize("keyword", ["고양이", "아 강지", "강아지 silver", "old3", "etriever golden3", "kg"])
def test_an_article_is_not_found_by_what_it_does_not_say(write, search, mark, keyword):
    write(f"{mark} 우리 강아지3kg", "Golden Retriever, alike")
    assert ids(search(f"{mark} {keyword}")) == []


def test_an_article_is_found_by_what_it_says_now(mina, write, search, kind, mark):
    article = write(f"{mark} before")
    assert mina.rest.put(f"/api/{kind}/{article}", {"title": f"{mark} after"}).status == 200
    assert ids(search(f"{mark} before")) == []
    assert ids(search(f"{mark} after")) == [article]
    assert mina.rest.delete(f"/api/{kind}/{article}").status == 200
    assert ids(search(mark)) == []


def test_what_is_found_is_shown_as_in_lists(site, write, search, kind, mark):
    article = write(mark)
    assert search(mark)["content"] == [site.rest.get(f"/api/{kind}/{article}").json]


@pytest.mark.parametrize("keyword", ["{mark}", "{mark} 사료", "사"], ids=["mark", "two", "one gram"])
def test_pages_hold_what_is_found_once_the_newest_first(write, search, mark, keyword):
    made = [write(f"{mark} 사료 {number}") for number in range(7)]
    asked = keyword.format(mark=mark)
    total = search(asked)["totalElements"]
    pages = [search(asked, f"&size=3&page={number}") for number in range(1, (total + 5) // 3)]
    found = [each for page in pages for each in ids(page)]
    assert [each for each in found if each in made] == made[::-1]
    assert len(found) == len(set(found)) == total
    assert {page["totalElements"] for page in pages} == {total}
    assert pages[-1]["last"] and not pages[0]["last"]


@pytest.mark.parametrize("query", [
    "", "?keyword=", "?keyword=%20%20", "?keyword=.,!", "?keyword=" + "x" * 101,
    "?keyword=" + "e" + "%CC%81" * 900,
], ids=["none", "empty", "blank", "punctuation", "long", "marks"])
def test_an_unusable_keyword_is_refused(site, kind, query):
    answer = site.rest.get(f"/api/{kind}/search{query}")
    assert answer.error == (400, "R008") and answer.refused_fields == ["keyword"]


def test_everyone_may_search_and_sees_what_is_theirs(site, write, mina, kind, mark):
    article = write(mark)
    jun = site.join("Jun")
    assert jun.rest.post(f"/api/{kind}/{article}/like").status == 200
    found = {name: rest.get(f"/api/{kind}/search?keyword={quote(mark)}").json["content"][0]["liked"]
             for name, rest in (("nobody", site.rest), ("mina", mina.rest), ("jun", jun.rest))}
    assert found == {"nobody": False, "mina": False, "jun": True}


def test_searching_is_comparing_with_every_text(write, search):
    chance = random.Random(6)
    syllables, letters = "가나다라", "xyz"

    def word():
        return "".join(chance.choices(chance.choice((syllables, letters)), k=chance.randint(1, 4)))

    texts = {}
    for _ in range(60):
        text = " ".join(word() + chance.choice(("", word())) for _ in range(3))
        texts[write(text)] = text
    for keyword in {word() for _ in range(60)}:
        if keyword[0] in letters and len(keyword) < 3:
            continue
        expected = {article for article, text in texts.items() if keyword in text}
        assert set(ids(search(keyword))) & set(texts) == expected, keyword
