"""History of rooms that are open: from memory where that has it, and the same as the log's."""

import re

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server
from harness.stomp_client import Stomp, WebSocket


def pages_served(server):
    """How many pages came from the memory of rooms, and how many from the log."""
    answer = server.rest.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = dict(re.findall(
        r'^petnexus_history_pages_total\{source="(\w+)"\} (\d+)$', answer.body.decode(), re.M))
    return int(found["memory"]), int(found["log"])


def open_room(server, person, room, query="limit=50"):
    """A page, and where it came from."""
    before = pages_served(server)
    page = person.rest.get(f"/api/openchat/room/{room}?{query}").json
    after = pages_served(server)
    source = {(1, 0): "memory", (0, 1): "log"}[after[0] - before[0], after[1] - before[1]]
    return page, source


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A node of our own, so that nobody else's pages are counted."""
    with Server(tmp_path_factory.mktemp("cached") / "data", *MANY_LOGINS) as server:
        yield server


@pytest.fixture(scope="module")
def mina(server):
    return join(server)


def test_what_was_read_of_an_open_room_is_in_its_memory_from_then_on(server, mina, dial):
    room = mina.make_room()
    client = dial(mina)
    for number in range(1, 41):
        client.say(room, str(number))
    client.subscribe(f"/sub/chat/{room}")
    first, source = open_room(server, mina, room)
    again, source_again = open_room(server, mina, room)
    assert again == first and [each["id"] for each in first["chatList"]] == list(range(1, 41))
    assert (source, source_again) in [("log", "memory"), ("memory", "memory")]
    client.say(room, "41")
    newest, source = open_room(server, mina, room, "limit=2")
    assert source == "memory" and [each["message"] for each in newest["chatList"]] == ["40", "41"]


def test_every_range_reads_the_same_from_memory_and_from_the_log(tmp_path):
    with Server(tmp_path / "data", *MANY_LOGINS) as server:
        mina = join(server)
        room = mina.make_room()
        positions = [
            mina.rest.post(
                f"/api/openchat/room/{room}/message", {"message": str(number)}).json["position"]
            for number in range(1, 31)]
        queries = [
            "limit=5", "limit=100", "before=12&limit=5", "before=3", "before=1", "after=25",
            "after=0&limit=3", "after=30", f"after={positions[9]}&limit=4",
            f"before={positions[9]}", f"after={positions[29]}", "after=1:1"]
        with Stomp(WebSocket(server.websocket_url)) as listener:
            listener.connect(mina.token)
            listener.subscribe(f"/sub/chat/{room}")
            assert open_room(server, mina, room, "limit=100")[1] == "log"
            from_memory = [open_room(server, mina, room, query) for query in queries]
        assert {source for _, source in from_memory} == {"memory"}
    with Server(tmp_path / "data", *MANY_LOGINS) as server:
        # Nobody has opened the room here.
        reader = server.rest.bearing(mina.token)
        for query, (page, _) in zip(queries, from_memory):
            assert reader.get(f"/api/openchat/room/{room}?{query}").json == page, query
        assert pages_served(server) == (0, len(queries))


def test_a_message_is_in_the_memory_before_its_receipt_is_out(server, mina, dial):
    room = mina.make_room()
    client = dial(mina)
    client.subscribe(f"/sub/chat/{room}")
    for number in range(1, 101):
        client.say(room, str(number))
        page = mina.rest.get(f"/api/openchat/room/{room}?limit=1").json
        assert [each["message"] for each in page["chatList"]] == [str(number)]


def test_memory_shows_no_more_than_the_room_keeps(tmp_path):
    with Server(tmp_path / "data", "--room-history-max", "3", *MANY_LOGINS) as server:
        mina = join(server)
        room = mina.make_room()
        first = None
        for number in range(1, 9):
            sent = mina.rest.post(f"/api/openchat/room/{room}/message", {"message": str(number)})
            first = first or sent.json["position"]
        page, source = open_room(server, mina, room, f"after={first}&limit=10")
        assert (page["resume"], [each["message"] for each in page["chatList"]]) == (
            "gap", ["6", "7", "8"])
