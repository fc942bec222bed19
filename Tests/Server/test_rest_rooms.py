"""Open chats over REST: finding and making them, coming and going, and what was said."""

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server


@pytest.fixture(scope="module")
def jun(server):
    return join(server, "Jun")


def say(person, room, text, key=None):
    headers = {"Idempotency-Key": key} if key else {}
    return person.rest.post(f"/api/openchat/room/{room}/message", {"message": text}, headers)


def texts(page):
    return [each["message"] for each in page["chatList"]]


def test_a_room_is_made_shown_and_listed(server, mina, jun):
    made = mina.rest.post("/api/openchat", {"title": " 산책 모임 ", "content": "Every morning"})
    assert made.status == 201
    room = made.json
    assert (room["title"], room["content"]) == ("산책 모임", "Every morning")
    assert (room["ownerId"], room["owner"], room["memberCount"]) == (mina.id, "Mina", 1)
    assert room["createdAt"].endswith("Z")
    assert jun.rest.get(f"/api/openchat/{room['id']}").json == room
    assert room in jun.rest.get("/api/openchat").json["content"]


@pytest.mark.parametrize("body, fields", [
    ({}, ["title"]),
    ({"title": " "}, ["title"]),
    ({"title": "x" * 101}, ["title"]),
    ({"title": 7}, ["title"]),
    ({"title": "Walks", "content": 7}, ["content"]),
    ({"title": "", "content": "x" * 2001}, ["title", "content"]),
], ids=lambda value: str(value)[:40])
def test_a_room_with_unusable_fields_is_refused(server, mina, body, fields):
    answer = mina.rest.post("/api/openchat", body)
    assert answer.error == (422, "R002") and answer.refused_fields == fields


def test_making_a_room_twice_with_one_key_makes_one(server, mina):
    """API.md, REST: every write takes Idempotency-Key."""
    key = {"Idempotency-Key": "a room made once"}
    first = mina.rest.post("/api/openchat", {"title": "Once"}, key)
    again = mina.rest.post("/api/openchat", {"title": "Once"}, key)
    assert first.json["id"] == again.json["id"]


def test_pages_cover_all_rooms_once(tmp_path):
    with Server(tmp_path / "data", *MANY_LOGINS) as server:
        mina = join(server)
        rooms = [mina.make_room(f"Room {number}") for number in range(5)]
        pages = [mina.rest.get(f"/api/openchat?page={page}&size=2").json for page in (1, 2, 3, 4)]
        listed = [[each["id"] for each in page["content"]] for page in pages]
        assert sum(listed, []) == rooms[::-1]
        ends = [(page["number"], page["first"], page["last"], page["empty"]) for page in pages]
        assert ends == [
            (1, True, False, False), (2, False, False, False), (3, False, True, False),
            (4, False, True, True)]
        for page in pages:
            assert (page["totalElements"], page["totalPages"], page["size"]) == (5, 3, 2)
        ascending = mina.rest.get("/api/openchat?isAsc=true&size=100").json["content"]
        assert [each["id"] for each in ascending] == rooms


@pytest.mark.parametrize("query", [
    "page=0", "page=x", "size=0", "size=101", "isAsc=1", "page=99999999999999999999",
])
def test_an_unreadable_page_is_refused(server, mina, query):
    assert mina.rest.get(f"/api/openchat?{query}").error == (400, "R008")


def test_members_come_and_go(server, mina, jun, room):
    address = f"/api/openchat/{room}"
    for action, count in [("join", 2), ("join", 2), ("leave", 1), ("leave", 1)]:
        assert jun.rest.post(f"{address}/{action}").status == 200
        assert mina.rest.get(address).json["memberCount"] == count


@pytest.mark.parametrize("method, path", [
    ("GET", "/api/openchat/{}"), ("POST", "/api/openchat/{}/join"),
    ("POST", "/api/openchat/{}/leave"), ("GET", "/api/openchat/room/{}"),
    ("POST", "/api/openchat/room/{}/message"),
])
def test_an_unknown_room_is_not_found(server, mina, method, path):
    body = {"message": "hello?"} if path.endswith("message") else None
    assert mina.rest.request(method, path.format(999999), body).error == (404, "C001")
    for nonsense in ("x", "-1", "01", "99999999999999999999", "1%20"):
        assert mina.rest.request(method, path.format(nonsense), body).error == (404, "R003")


def test_a_message_is_stored_where_the_answer_says(server, mina, jun, room):
    first, second = say(mina, room, "안녕하세요 🐕"), say(jun, room, "Hello!")
    assert (first.status, first.json["statusCode"], first.json["duplicate"]) == (201, 201, False)
    epoch, _, offset = second.json["position"].partition(":")
    assert first.json["position"] == f"{epoch}:1" and offset == "2"
    page = mina.rest.get(f"/api/openchat/room/{room}").json
    assert page["position"] == second.json["position"]
    message = page["chatList"][1]
    assert set(message) == {"id", "roomId", "senderId", "sender", "message", "createdAt"}
    assert (message["id"], message["roomId"], message["senderId"], message["sender"]) == (
        2, room, jun.id, "Jun")
    assert page["chatList"][0]["message"] == "안녕하세요 🐕"


def test_the_same_key_stores_once_for_each_user(server, mina, jun, room):
    first = say(mina, room, "once", key="k")
    again = say(mina, room, "once", key="k")
    assert (again.status, again.json["duplicate"]) == (201, True)
    assert again.json["position"] == first.json["position"]
    assert say(jun, room, "mine", key="k").json["duplicate"] is False
    assert len(mina.history(room)) == 2


@pytest.mark.parametrize("body, fields", [
    ({}, ["message"]), ({"message": 7}, ["message"]), ({"message": None}, ["message"]),
    ({"message": ""}, ["message"]), ({"message": " \n "}, ["message"]),
], ids=str)
def test_a_message_of_the_wrong_shape_is_refused(server, mina, room, body, fields):
    answer = mina.rest.post(f"/api/openchat/room/{room}/message", body)
    assert answer.error == (422, "R002") and answer.refused_fields == fields
    assert mina.history(room) == []


def test_a_message_may_be_long_but_not_too_long(server, mina, room):
    assert say(mina, room, "x" * 32_768).status == 201
    assert say(mina, room, "x" * 32_769).status in (413, 422)


def test_a_key_that_is_too_long_is_refused(server, mina, room):
    answer = say(mina, room, "hello", key="k" * 65)
    assert answer.error == (422, "R002") and answer.refused_fields == ["Idempotency-Key"]


def test_history_is_read_from_both_ends(server, mina, room):
    positions = [say(mina, room, str(number)).json["position"] for number in range(1, 8)]
    address = f"/api/openchat/room/{room}"

    def read(query):
        page = mina.rest.get(f"{address}?{query}").json
        return texts(page), page["position"]

    assert read("limit=3") == (["5", "6", "7"], positions[6])
    assert read("before=5&limit=3") == (["2", "3", "4"], positions[3])
    assert read("before=3&limit=50")[0] == ["1", "2"]
    assert read("before=1")[0] == []
    assert read("after=5&limit=50") == (["6", "7"], positions[6])
    assert read("after=0&limit=2") == (["1", "2"], positions[1])
    assert read(f"after={positions[4]}") == (["6", "7"], positions[6])
    assert read(f"before={positions[4]}&limit=1")[0] == ["4"]
    assert read("after=7") == ([], positions[6])
    epoch = positions[0].partition(":")[0]
    assert read(f"after={epoch}:7") == ([], positions[6])


def test_a_position_of_another_epoch_is_answered_with_the_newest(server, mina, room):
    position = say(mina, room, "hello").json["position"]
    for stranger in ("1:1", position + "000"):
        page = mina.rest.get(f"/api/openchat/room/{room}?after={stranger}").json
        assert (page["resume"], texts(page), page["position"]) == ("reset", ["hello"], position)


@pytest.mark.parametrize("query", [
    "after=x", "before=-1", "after=1&before=2", "limit=0", "limit=101", "after=1:", "after=",
])
def test_an_unreadable_range_is_refused(server, mina, room, query):
    assert mina.rest.get(f"/api/openchat/room/{room}?{query}").error == (400, "R008")


def test_history_that_is_gone_is_said_to_be(tmp_path):
    with Server(tmp_path / "data", "--room-history-max", "3", *MANY_LOGINS) as server:
        mina = join(server)
        room = mina.make_room()
        first = say(mina, room, "1").json["position"]
        for number in range(2, 9):
            say(mina, room, str(number))
        page = mina.rest.get(f"/api/openchat/room/{room}?after={first}").json
        assert (page["resume"], texts(page)) == ("gap", ["6", "7", "8"])
