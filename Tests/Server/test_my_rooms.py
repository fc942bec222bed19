"""What somebody has read, and the list of their rooms with what is unread there."""

import json

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server
from harness.stomp_client import Stomp, WebSocket
from harness.waiting import until


def say(person, room, text):
    sent = person.rest.post(f"/api/openchat/room/{room}/message", {"message": text})
    assert sent.status == 201, sent.body
    return sent.json["position"]


def enter(person, room):
    answer = person.rest.post(f"/api/openchat/{room}/join")
    assert answer.status == 200, answer.body


def rooms_of(person, query=""):
    answer = person.rest.get(f"/api/chat/rooms{query}")
    assert answer.status == 200, answer.body
    return answer.json


def room_of(person, room):
    """The entry of one room; nothing where it is not listed."""
    return next((each for each in rooms_of(person)["content"] if each["roomId"] == room), None)


def read(client, room, body=b""):
    return client.ask("SEND", {"destination": f"/pub/chat/read/{room}"}, body)


@pytest.fixture
def reader(server):
    """Somebody whose rooms are only this test's."""
    return join(server, "Reader")


def test_a_room_of_mine_says_what_is_unread_since_joining(reader, mina, jun, room):
    say(mina, room, "before")
    enter(reader, room)
    assert room_of(reader, room)["unreadCount"] == 0
    for text in ("one", "two"):
        position = say(mina, room, text)
    enter(jun, room)
    entry = room_of(reader, room)
    assert (entry["kind"], entry["title"], entry["memberCount"]) == ("OPEN", "Morning walks", 3)
    assert entry["unreadCount"] == 2
    assert entry["lastMessage"] == mina.history(room)[-1]
    assert entry["position"] == position
    assert entry["readPosition"].endswith(":1")


def test_who_makes_a_room_is_in_it_and_nothing_is_said_yet(reader):
    room = reader.make_room("Vets")
    entry = room_of(reader, room)
    assert (entry["lastMessage"], entry["unreadCount"], entry["readPosition"]) == (None, 0, None)


def test_own_messages_are_never_unread(reader, mina, room, dial):
    enter(reader, room)
    say(mina, room, "hello")
    dial(reader).say(room, "over STOMP")
    assert room_of(reader, room)["unreadCount"] == 0
    say(mina, room, "hello again")
    say(reader, room, "over REST")
    assert room_of(reader, room)["unreadCount"] == 0
    say(mina, room, "bye")
    assert room_of(reader, room)["unreadCount"] == 1


@pytest.mark.parametrize("body, unread", [
    (b"", 0), (b'{"id":2}', 1), (b'{"position":"{epoch}:1"}', 2), (b'{"id":99}', 0),
    (b'{"position":"abc:3"}', 3),
], ids=repr)
def test_a_client_says_how_far_it_has_read(dial, reader, mina, room, body, unread):
    enter(reader, room)
    positions = [say(mina, room, str(number)) for number in range(3)]
    client = dial(reader)
    body = body.replace(b"{epoch}", positions[0].partition(":")[0].encode())
    assert read(client, room, body).command == "RECEIPT"
    entry = room_of(reader, room)
    assert entry["unreadCount"] == unread
    if unread < 3:
        assert entry["readPosition"] == positions[2 - unread]


def test_reading_moves_forward_only(dial, reader, mina, room):
    enter(reader, room)
    for number in range(3):
        say(mina, room, str(number))
    client = dial(reader)
    read(client, room, b'{"id":2}')
    read(client, room, b'{"id":1}')
    assert room_of(reader, room)["unreadCount"] == 1


@pytest.mark.parametrize("body", [b"x", b"[]", b'{"id":"1"}', b'{"position":"1"}'], ids=repr)
def test_a_body_that_says_nothing_readable_is_refused(dial, reader, room, body):
    assert read(dial(reader), room, body).headers["message"] == "bad-frame"


def test_a_room_that_is_not_there_can_not_be_read(dial, reader):
    refused = read(dial(reader), 999_999)
    assert refused.headers["message"] == "no-such-destination"


def test_an_acknowledgement_is_a_read_cursor_too(dial, reader, mina, room):
    enter(reader, room)
    client = dial(reader)
    client.subscribe(f"/sub/chat/{room}", ack="client")
    for number in range(3):
        say(mina, room, str(number))
    message = client.messages(3)[1]
    assert client.ask("ACK", {"id": message.headers["ack"]}).command == "RECEIPT"
    assert room_of(reader, room)["unreadCount"] == 1


def test_others_hear_how_far_somebody_has_read(dial, reader, mina, jun, room):
    watcher = dial(jun)
    watcher.subscribe(f"/sub/events/{room}")
    position = say(mina, room, "hello")

    read(dial(reader), room)

    def is_reading(frame):
        return frame.command == "MESSAGE" and frame.json["type"] == "read"

    # The first is the reader's: that Mina has read her own message, the message itself has told.
    event = watcher.wait(is_reading, "an event of reading").json
    assert (event["userId"], event["user"]) == (reader.id, reader.name)
    assert (event["roomId"], event["position"]) == (room, position)


def test_rooms_come_by_their_latest_activity_in_pages(reader, mina):
    rooms = [mina.make_room(f"Room {number}") for number in range(5)]
    for room in rooms:
        enter(reader, room)
    for room in (rooms[3], rooms[0], rooms[4]):
        say(mina, room, "hello")
    order = [rooms[4], rooms[0], rooms[3], rooms[2], rooms[1]]
    first = rooms_of(reader, "?size=2")
    assert [each["roomId"] for each in first["content"]] == order[:2]
    assert (first["totalElements"], first["totalPages"], first["first"]) == (5, 3, True)
    last = rooms_of(reader, "?size=2&page=3")
    assert [each["roomId"] for each in last["content"]] == order[4:]
    assert last["last"]
    oldest = rooms_of(reader, "?isAsc=true&sortBy=activity")
    assert [each["roomId"] for each in oldest["content"]] == order[::-1]
    made = rooms_of(reader, "?sortBy=createdAt")
    assert [each["roomId"] for each in made["content"]] == rooms[::-1]


def test_a_room_that_was_left_is_not_mine_any_more(reader, mina, room):
    enter(reader, room)
    say(mina, room, "hello")
    enter(reader, room)
    assert room_of(reader, room)["unreadCount"] == 1, "joining again reads nothing"
    assert reader.rest.post(f"/api/openchat/{room}/leave").status == 200
    assert rooms_of(reader)["content"] == []
    enter(reader, room)
    assert room_of(reader, room)["unreadCount"] == 0


def test_nobody_sees_somebody_elses_rooms(server, reader, room):
    assert rooms_of(reader)["totalElements"] == 0
    assert server.rest.get("/api/chat/rooms").error == (401, "TK001")


def test_what_was_read_survives_a_crash(tmp_path):
    with Server(tmp_path, *MANY_LOGINS) as server:
        mina, jun = join(server, "Mina"), join(server, "Jun")
        room = mina.make_room()
        enter(jun, room)
        for number in range(3):
            say(mina, room, str(number))
        with Stomp(WebSocket(server.websocket_url)) as client:
            client.connect(jun.token)
            assert read(client, room, b'{"id":2}').command == "RECEIPT"
            server.kill()
    with Server(tmp_path, *MANY_LOGINS) as server:
        jun.rest = server.rest.bearing(jun.token)
        assert room_of(jun, room)["unreadCount"] == 1


def test_what_was_read_by_the_way_is_stored_when_the_server_ends(tmp_path):
    with Server(tmp_path, *MANY_LOGINS) as server:
        mina, jun = join(server, "Mina"), join(server, "Jun")
        room = mina.make_room()
        enter(jun, room)
        say(jun, room, "hello")
        say(mina, room, "hello yourself")
    with Server(tmp_path, *MANY_LOGINS) as server:
        jun.rest = server.rest.bearing(jun.token)
        assert room_of(jun, room)["unreadCount"] == 1
