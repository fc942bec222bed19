"""Posts and trades, and what is said to them, over REST, on each kind of store."""

import pytest

KINDS = ("post", "trade")
LETTER = {"post": "P", "trade": "T"}
WHOLE = {
    "post": {"title": " 산책 친구 ", "content": "Every morning\nat the river"},
    "trade": {
        "title": "Dog food", "content": "Never opened", "category": "FOOD", "price": 12000,
        "latitude": 37.5665, "longitude": 126.978, "address": "서울 중구"},
}
READABLE = {
    "id", "title", "content", "authorId", "author", "images", "likeCount", "commentCount",
    "bookmarkCount", "liked", "bookmarked", "createdAt", "updatedAt"}


@pytest.fixture(scope="module")
def mina(site):
    return site.join("Mina")


@pytest.fixture(scope="module")
def jun(site):
    return site.join("Jun")


@pytest.fixture(scope="module")
def root(site):
    return site.join_as_admin("root")


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def article(kind, mina):
    """One of Mina's."""
    return mina.rest.post(f"/api/{kind}", WHOLE[kind]).json


@pytest.fixture
def address(kind, article):
    return f"/api/{kind}/{article['id']}"


def test_one_is_made_shown_and_listed(site, mina, kind):
    made = mina.rest.post(f"/api/{kind}", WHOLE[kind])
    assert made.status == 201
    article = made.json
    assert READABLE <= set(article)
    assert article["title"] == WHOLE[kind]["title"].strip()
    for field in set(WHOLE[kind]) - {"title"}:
        assert article[field] == WHOLE[kind][field]
    assert (article["authorId"], article["author"], article["images"]) == (mina.id, "Mina", [])
    if kind == "trade":
        assert article["status"] == "ON_SALE"
    assert site.rest.get(f"/api/{kind}/{article['id']}").json == article
    assert site.rest.get(f"/api/{kind}").json["content"][0] == article


@pytest.mark.parametrize("change, fields", [
    ({"title": ""}, ["title"]),
    ({"title": "two\nlines"}, ["title"]),
    ({"title": "x" * 101, "content": "x" * 10_001}, ["title", "content"]),
    ({"content": None}, ["content"]),
    ({"content": 7}, ["content"]),
], ids=lambda value: str(value)[:30])
def test_unusable_fields_are_listed(mina, kind, change, fields):
    answer = mina.rest.post(f"/api/{kind}", {**WHOLE[kind], **change})
    assert answer.error == (422, "R002") and answer.refused_fields == fields


@pytest.mark.parametrize("change, fields", [
    ({"category": "CAR"}, ["category"]),
    ({"category": None}, ["category"]),
    ({"price": -1}, ["price"]),
    ({"price": 0.5}, ["price"]),
    ({"price": 10 ** 12 + 1}, ["price"]),
    ({"latitude": 90.001}, ["latitude"]),
    ({"longitude": -180.001}, ["longitude"]),
    ({"latitude": None}, ["latitude"]),
    ({"longitude": None}, ["longitude"]),
    ({"address": "x" * 201}, ["address"]),
], ids=str)
def test_unusable_terms_of_a_trade_are_listed(mina, change, fields):
    answer = mina.rest.post("/api/trade", {**WHOLE["trade"], **change})
    assert answer.error == (422, "R002") and answer.refused_fields == fields


def test_numbers_may_be_written_as_clients_do(mina):
    body = {**WHOLE["trade"], "price": 1.2e4, "latitude": 37, "longitude": -0.0}
    made = mina.rest.post("/api/trade", body).json
    assert (made["price"], made["latitude"], made["longitude"]) == (12000, 37, 0)


def test_one_is_made_once_by_one_key(mina, jun, kind):
    key = {"Idempotency-Key": f"make a {kind}"}
    first = mina.rest.post(f"/api/{kind}", WHOLE[kind], key)
    again = mina.rest.post(f"/api/{kind}", WHOLE[kind], key)
    other = jun.rest.post(f"/api/{kind}", WHOLE[kind], key)
    assert (again.status, again.json) == (201, first.json)
    assert other.json["id"] != first.json["id"]


def test_a_change_leaves_what_it_does_not_name(mina, kind, article, address):
    changed = mina.rest.put(address, {"title": "Another title"})
    assert changed.status == 200
    expected = {**article, "title": "Another title", "updatedAt": changed.json["updatedAt"]}
    assert changed.json == expected
    assert changed.json["updatedAt"] >= article["updatedAt"]
    assert mina.rest.get(address).json == expected


def test_a_trade_moves_between_categories_and_states(mina):
    trade = mina.rest.post("/api/trade", WHOLE["trade"]).json
    address = f"/api/trade/{trade['id']}"

    def listed(category):
        page = mina.rest.get(f"/api/trade/category?category={category}&size=100").json
        return trade["id"] in [each["id"] for each in page["content"]]

    assert (listed("FOOD"), listed("ITEM")) == (True, False)
    assert mina.rest.put(address, {"category": "ITEM"}).json["category"] == "ITEM"
    assert (listed("FOOD"), listed("ITEM")) == (False, True)
    for status in ("RESERVED", "SOLD", "ON_SALE"):
        assert mina.rest.put(f"{address}/status", {"status": status}).json["status"] == status
    assert mina.rest.put(f"{address}/status", {"status": "GONE"}).refused_fields == ["status"]
    assert mina.rest.get("/api/trade/category?category=CAR").error == (400, "R008")


def test_what_is_taken_away_is_gone_with_what_was_said(mina, jun, kind, article, address):
    jun.rest.post(f"{address}/comment", {"content": "Me too"})
    jun.rest.post(f"{address}/bookmark")
    assert mina.rest.delete(address).status == 200
    for path in ("", "/comment"):
        assert mina.rest.get(address + path).error == (404, LETTER[kind] + "001")
    assert mina.rest.put(address, {"title": "x"}).error == (404, LETTER[kind] + "001")
    assert mina.rest.delete(address).error == (404, LETTER[kind] + "001")
    ids = [each["id"] for each in mina.rest.get(f"/api/{kind}?size=100").json["content"]]
    assert article["id"] not in ids
    marked = jun.rest.get(f"/api/{kind}?bookmarked=true&size=100").json["content"]
    assert article["id"] not in [each["id"] for each in marked]


def test_taking_away_twice_by_one_key_succeeds_twice(mina, kind, address):
    key = {"Idempotency-Key": f"remove {address}"}
    assert [mina.rest.delete(address, key).status for _ in range(2)] == [200, 200]


def test_pages_cover_an_authors_articles_once(site, kind):
    author = site.join("Author")
    made = [author.rest.post(f"/api/{kind}", WHOLE[kind]).json["id"] for _ in range(5)]
    query = f"/api/{kind}?authorId={author.id}&size=2&page="
    pages = [site.rest.get(query + str(number)).json for number in (1, 2, 3, 4)]
    listed = [each["id"] for page in pages for each in page["content"]]
    assert listed == made[::-1]
    assert {(page["totalElements"], page["totalPages"]) for page in pages} == {(5, 3)}
    assert [page["last"] for page in pages] == [False, False, True, True]
    ascending = site.rest.get(f"/api/{kind}?authorId={author.id}&isAsc=true").json["content"]
    assert [each["id"] for each in ascending] == made


# Likes and bookmarks


def test_a_like_counts_once_and_can_be_taken_back(mina, jun, kind, address):
    assert jun.rest.post(f"{address}/like").status == 200
    assert jun.rest.post(f"{address}/like").error == (409, LETTER[kind] + "004")
    shown = {person.name: person.rest.get(address).json for person in (mina, jun)}
    assert {name: (each["likeCount"], each["liked"]) for name, each in shown.items()} == {
        "Mina": (1, False), "Jun": (1, True)}
    assert jun.rest.delete(f"{address}/like").status == 200
    assert jun.rest.delete(f"{address}/like").error == (404, LETTER[kind] + "005")
    assert jun.rest.get(address).json["likeCount"] == 0


def test_a_like_by_one_key_succeeds_twice_and_counts_once(jun, address):
    key = {"Idempotency-Key": f"like {address}"}
    assert [jun.rest.post(f"{address}/like", headers=key).status for _ in range(2)] == [200, 200]
    assert jun.rest.get(address).json["likeCount"] == 1


def test_nobody_likes_their_own(mina, kind, address):
    assert mina.rest.post(f"{address}/like").error == (403, LETTER[kind] + "003")
    assert mina.rest.get(address).json["likeCount"] == 0


def test_a_bookmark_is_there_until_it_is_taken_off(jun, kind, article, address):
    for method, is_set in (("POST", True), ("POST", True), ("DELETE", False), ("DELETE", False)):
        assert jun.rest.request(method, f"{address}/bookmark").status == 200
        shown = jun.rest.get(address).json
        assert (shown["bookmarked"], shown["bookmarkCount"]) == (is_set, int(is_set))
        marked = jun.rest.get(f"/api/{kind}?bookmarked=true&size=100").json["content"]
        assert (article["id"] in [each["id"] for each in marked]) == is_set


# Comments


def test_comments_are_made_listed_changed_and_taken_away(site, mina, jun, address):
    first = jun.rest.post(f"{address}/comment", {"content": "좋아요\n정말"})
    second = mina.rest.post(f"{address}/comment", {"content": "Thanks"})
    assert (first.status, first.json["author"], first.json["content"]) == (201, "Jun", "좋아요\n정말")
    page = site.rest.get(f"{address}/comment").json
    assert [each["id"] for each in page["content"]] == [second.json["id"], first.json["id"]]
    assert page["totalElements"] == site.rest.get(address).json["commentCount"] == 2
    comment = f"{address}/comment/{first.json['id']}"
    changed = jun.rest.put(comment, {"content": "Great"})
    assert (changed.status, changed.json["content"]) == (200, "Great")
    assert jun.rest.delete(comment).status == 200
    page = site.rest.get(f"{address}/comment").json
    assert [each["id"] for each in page["content"]] == [second.json["id"]]
    assert site.rest.get(address).json["commentCount"] == 1


@pytest.mark.parametrize("content", ["", "  ", "x" * 1001, 7, None])
def test_an_unusable_comment_is_refused(jun, address, content):
    answer = jun.rest.post(f"{address}/comment", {"content": content})
    assert answer.error == (422, "R002") and answer.refused_fields == ["content"]


def test_a_comment_belongs_to_its_article(mina, jun, kind, address):
    comment = jun.rest.post(f"{address}/comment", {"content": "Here"}).json["id"]
    other = mina.rest.post(f"/api/{kind}", WHOLE[kind]).json["id"]
    elsewhere = f"/api/{kind}/{other}/comment/{comment}"
    assert jun.rest.put(elsewhere, {"content": "There"}).error == (404, LETTER[kind] + "006")
    assert jun.rest.delete(elsewhere).error == (404, LETTER[kind] + "006")


def test_a_new_name_shows_everywhere(site, kind):
    author = site.join("Before")
    article = author.rest.post(f"/api/{kind}", WHOLE[kind]).json["id"]
    author.rest.post(f"/api/{kind}/{article}/comment", {"content": "By me"})
    assert author.rest.put("/api/profile", {"nickname": "After"}).status == 200
    assert site.rest.get(f"/api/{kind}/{article}").json["author"] == "After"
    assert site.rest.get(f"/api/{kind}/{article}/comment").json["content"][0]["author"] == "After"


# Who may


@pytest.mark.parametrize("method, path, body", [
    ("PUT", "", {"title": "Mine"}),
    ("DELETE", "", None),
    ("PUT", "/comment/{comment}", {"content": "Mine"}),
    ("DELETE", "/comment/{comment}", None),
], ids=["edit", "remove", "edit a comment", "remove a comment"])
def test_only_authors_and_administrators_change_things(
        site, mina, jun, root, kind, article, address, method, path, body):
    comment = mina.rest.post(f"{address}/comment", {"content": "By Mina"}).json["id"]
    path = address + path.format(comment=comment)
    assert site.rest.request(method, path, body).error == (401, "TK001")
    assert jun.rest.request(method, path, body).error == (403, LETTER[kind] + "002")
    assert root.request(method, path, body).status == 200


@pytest.mark.parametrize("method, path", [
    ("POST", ""), ("POST", "/1/like"), ("DELETE", "/1/like"), ("POST", "/1/bookmark"),
    ("DELETE", "/1/bookmark"), ("POST", "/1/comment"),
])
def test_nobody_writes_without_a_name(site, kind, method, path):
    assert site.rest.request(method, f"/api/{kind}{path}", {}).error == (401, "TK001")


def test_a_bad_token_reads_nothing(site, kind, address):
    assert site.rest.get(address, Authorization="Bearer nonsense").error == (401, "TK002")
    assert site.rest.get(address, Cookie="accessToken=nonsense").status == 200
