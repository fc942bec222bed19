"""What people are told: the same over REST and over STOMP, on both stores."""

import pytest

from harness.notifications import (
    COMMENT, LIKE, MESSAGE, PURCHASE, Watcher, delete, listed, mark_all_read, mark_read, told)
from harness.site import STORES, open_site
from harness.stomp_client import TCP, Stomp
from harness.waiting import until


@pytest.fixture(scope="module", params=STORES)
def site(request, tmp_path_factory):
    """A node on each of the stores."""
    flags = ("--loops", "2", "--presence-grace", "200ms")
    with open_site(tmp_path_factory.mktemp("site"), request.param, *flags) as site:
        yield site


@pytest.fixture
def author(site):
    """Somebody who was told nothing yet."""
    return site.join("Author")


@pytest.fixture
def reader(site):
    """Somebody else."""
    return site.join("Reader")


@pytest.fixture
def watch(site):
    """Lets people's devices listen to what they are told."""
    watchers = []

    def begin(person, position=None):
        watchers.append(Watcher(site.server, person, position))
        return watchers[-1]

    yield begin
    for each in watchers:
        each.close()


@pytest.fixture
def dial(site):
    """Opens connections; each is closed when the test ends."""
    opened = []

    def connect(person):
        opened.append(Stomp(TCP(site.server.stomp_port)))
        assert opened[-1].connect(person.token).command == "CONNECTED"
        return opened[-1]

    yield connect
    for each in opened:
        each.close()


def make(person, kind="post", title="Walks"):
    body = {"title": title, "content": "Who comes along?"}
    if kind == "trade":
        body |= {"price": 1000, "category": "ITEM", "address": ""}
    made = person.rest.post(f"/api/{kind}", body)
    assert made.status == 201, made.body
    return made.json["id"]


def comment(person, article, kind="post"):
    made = person.rest.post(f"/api/{kind}/{article}/comment", {"content": "Me!"})
    assert made.status == 201, made.body
    return made.json["id"]


def done(answer):
    assert answer.status == 200, answer.body


def enter(person, room):
    done(person.rest.post(f"/api/openchat/{room}/join"))


def say(person, room, text="hello", kind="openchat"):
    made = person.rest.post(f"/api/{kind}/room/{room}/message", {"message": text})
    assert made.status == 201, made.body
    return made.json["position"]


def only(person):
    """The one thing that somebody was told, once there is one."""
    until(lambda: listed(person)["content"], "something is told")
    (notification,) = told(person).values()
    return notification


# What is told


@pytest.mark.parametrize("kind", ["post", "trade"])
def test_a_comment_is_told_over_stomp_and_rest(author, reader, watch, kind):
    article = make(author, kind, title="산책 친구")
    watcher = watch(author)
    comment(reader, article, kind)
    notification = watcher.next()
    assert notification == {
        "id": notification["id"], "type": COMMENT, "url": f"/{kind}/{article}",
        "content": "Reader 💬 산책 친구", "isRead": False, "createdAt": notification["createdAt"],
        "actor": {"id": reader.id, "name": "Reader"}, "count": 1, "version": 1,
        "subject": {"type": kind, "id": article, "title": "산책 친구"},
    }
    page = listed(author)
    assert page["content"] == [notification]
    assert (page["totalElements"], page["unreadCount"]) == (1, 1)


def test_a_like_is_told_until_it_is_taken_back(author, reader, watch):
    article = make(author)
    watcher = watch(author)
    done(reader.rest.post(f"/api/post/{article}/like"))
    notification = watcher.next()
    assert notification["type"] == LIKE
    done(reader.rest.delete(f"/api/post/{article}/like"))
    assert watcher.next() == {"id": notification["id"], "deleted": True}
    assert told(author) == {}
    done(reader.rest.post(f"/api/post/{article}/like"))
    assert watcher.next()["id"] != notification["id"]
    assert told(author) == watcher.state.notifications


def test_a_seller_is_told_of_a_buyer(author, reader, watch):
    trade = make(author, "trade", title="A lead")
    watcher = watch(author)
    chat = reader.rest.post(f"/api/tradechat/{trade}").json["id"]
    assert reader.rest.post(f"/api/tradechat/{trade}").json["id"] == chat
    notification = watcher.next()
    assert (notification["type"], notification["url"]) == (PURCHASE, f"/tradechat/{chat}")
    assert notification["subject"] == {"type": "tradechat", "id": chat, "title": "A lead"}
    assert list(told(author)) == [notification["id"]]


def test_nobody_is_told_of_what_they_did_themselves(author):
    comment(author, make(author))
    assert told(author) == {}


def test_a_comment_by_a_key_is_told_once(author, reader):
    article = make(author)
    for _ in range(2):
        made = reader.rest.post(
            f"/api/post/{article}/comment", {"content": "Me!"}, {"Idempotency-Key": "k"})
        assert made.status == 201
    assert len(told(author)) == 1


def test_who_has_another_name_is_told_of_by_that(author, reader):
    comment(reader, make(author))
    done(reader.rest.put("/api/profile", {"nickname": "Rosa"}))
    (notification,) = told(author).values()
    assert notification["actor"] == {"id": reader.id, "name": "Rosa"}
    assert notification["content"] == "Rosa 💬 Walks"


def test_what_was_told_of_an_article_stays_when_it_goes(author, reader):
    article = make(author)
    comment(reader, article)
    done(author.rest.delete(f"/api/post/{article}"))
    (notification,) = told(author).values()
    assert notification["subject"]["title"] == "Walks"
    assert author.rest.get(f"/api{notification['url']}").status == 404


# Messages


def test_messages_of_a_room_are_one_notification_with_a_count(author, reader, watch):
    room = author.make_room("산책")
    enter(reader, room)
    watcher = watch(reader)
    for _ in range(3):
        say(author, room)
    until(lambda: watcher.next()["count"] == 3, "all three are counted")
    notification = only(reader)
    assert notification == watcher.last
    assert (notification["type"], notification["url"]) == (MESSAGE, f"/openchat/{room}")
    assert notification["content"] == "Author ✉ 산책 (3)"
    assert told(author) == {}, "who said it"


def test_a_message_in_a_trade_chat_is_told_to_the_other_one(author, reader):
    trade = make(author, "trade", title="A lead")
    chat = reader.rest.post(f"/api/tradechat/{trade}").json["id"]
    done(mark_all_read(author))
    say(reader, chat, kind="tradechat")
    until(lambda: listed(author)["unreadCount"] == 1, "the seller is told")
    message = listed(author, "?unread=true")["content"][0]
    assert (message["type"], message["url"]) == (MESSAGE, f"/tradechat/{chat}")
    assert message["subject"]["title"] == "A lead"


def test_a_room_that_is_open_on_any_device_is_not_told(author, reader, dial, watch):
    room = author.make_room()
    enter(reader, room)
    third = author.make_room("another")
    enter(reader, third)
    # One device has the room open, and another one listens.
    dial(reader).subscribe(f"/sub/chat/{room}")
    watcher = watch(reader)
    say(author, room)
    say(author, third)
    assert watcher.next()["subject"]["id"] == third
    assert [each["subject"]["id"] for each in told(reader).values()] == [third]


def test_who_left_just_before_a_message_is_told_all_the_same(author, reader, dial):
    room = author.make_room()
    enter(reader, room)
    client = dial(reader)
    client.subscribe(f"/sub/chat/{room}")
    client.ask("DISCONNECT")
    # The grace for who comes back is not over.
    say(author, room)
    assert only(reader)["count"] == 1


def test_opening_a_room_reads_what_was_told_of_it(author, reader, dial, watch):
    room = author.make_room()
    enter(reader, room)
    say(author, room)
    only(reader)
    watcher = watch(reader)
    dial(reader).subscribe(f"/sub/chat/{room}")
    assert watcher.next()["isRead"]
    assert listed(reader)["unreadCount"] == 0


def test_reading_a_room_reads_what_was_told_of_it(author, reader, dial):
    room = author.make_room()
    enter(reader, room)
    for _ in range(3):
        say(author, room)
    until(lambda: only(reader)["count"] == 3, "all are counted")
    client = dial(reader)
    client.ask("SEND", {"destination": f"/pub/chat/read/{room}"}, b'{"id":2}')
    assert (only(reader)["count"], only(reader)["isRead"]) == (1, False)
    client.ask("SEND", {"destination": f"/pub/chat/read/{room}"})
    assert only(reader)["isRead"]
    say(author, room)
    until(lambda: not only(reader)["isRead"], "it is told again")
    assert only(reader)["count"] == 1


def test_messages_that_were_told_and_taken_away_are_not_told_again(author, reader, watch):
    room = author.make_room()
    enter(reader, room)
    say(author, room)
    first = only(reader)
    done(delete(reader, first["id"]))
    assert told(reader) == {}
    watcher = watch(reader)
    say(author, room)
    second = watcher.next()
    assert second["id"] != first["id"] and second["count"] == 2


# What people do with it


def test_read_read_all_and_delete_reach_every_device(author, reader, watch):
    article = make(author)
    one, two = watch(author), watch(author)
    for _ in range(3):
        comment(reader, article)
    first, second, third = (one.next()["id"] for _ in range(3))
    done(mark_read(author, first))
    done(mark_read(author, first))
    assert listed(author)["unreadCount"] == 2
    assert set(told(author, "&unread=true")) == {second, third}
    done(mark_all_read(author))
    done(delete(author, second))
    assert delete(author, second).error == (404, "N001")
    for device in (one, two):
        until(lambda: device.next().get("deleted"), "it is taken away")
        assert device.state.notifications == told(author)
    assert listed(author)["unreadCount"] == 0


def test_a_delete_is_done_once_by_its_key(author, reader):
    comment(reader, make(author))
    (number,) = told(author)
    for _ in range(2):
        done(delete(author, number, **{"Idempotency-Key": "k"}))


def test_reading_all_by_a_key_reads_nothing_that_came_later(author, reader):
    article = make(author)
    for unread in (0, 1):
        comment(reader, article)
        done(mark_all_read(author, **{"Idempotency-Key": "k"}))
        assert listed(author)["unreadCount"] == unread


def test_notifications_are_their_recipients_alone(site, author, reader):
    comment(reader, make(author))
    (number,) = told(author)
    for change in (mark_read, delete):
        assert change(reader, number).error == (404, "N001")
        assert change(author, 999_999).error == (404, "N001")
    for method in ("GET", "PATCH"):
        assert site.rest.request(method, "/api/notifications").error == (401, "TK001")
    for method in ("PATCH", "DELETE"):
        assert site.rest.request(method, f"/api/notifications/{number}").error == (401, "TK001")
    done(mark_all_read(reader))
    assert told(reader) == {} and listed(author)["unreadCount"] == 1


def test_nobody_publishes_notifications(author, dial):
    refused = dial(author).ask("SEND", {"destination": "/user/queue/notifications"}, b"{}")
    assert refused.headers["message"] == "no-such-destination"


def test_pages_come_by_time(author, reader):
    article = make(author)
    for _ in range(5):
        comment(reader, article)
    numbers = [each["id"] for each in listed(author)["content"]]
    assert len(numbers) == 5
    assert [each["createdAt"] for each in listed(author)["content"]] == sorted(
        (each["createdAt"] for each in listed(author)["content"]), reverse=True)
    second = listed(author, "?size=2&page=2")
    assert [each["id"] for each in second["content"]] == numbers[2:4]
    assert (second["totalPages"], second["unreadCount"]) == (3, 5)
    assert [each["id"] for each in listed(author, "?isAsc=true")["content"]] == numbers[::-1]
    assert author.rest.get("/api/notifications?unread=perhaps").error == (400, "R008")


def test_subscribing_from_the_lists_position_misses_nothing(author, reader, watch):
    article = make(author)
    comment(reader, article)
    page = listed(author)
    for _ in range(3):
        comment(reader, article)
    watcher = watch(author, page["position"])
    watcher.state.begin(page["content"])
    until(lambda: watcher.next() and len(watcher.state.notifications) == 4, "all are told")
    assert watcher.state.notifications == told(author)
    assert watcher.answer.headers["resume"] == "complete"
