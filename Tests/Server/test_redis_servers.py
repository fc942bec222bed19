"""Several Redis servers share the rooms of a site."""

import pytest

from harness.people import MANY_LOGINS, NO_RATE, join
from harness.program import Server
from harness.redis import Redis
from harness.stomp_client import Stomp, WebSocket
from harness.waiting import until


@pytest.fixture
def servers(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    with Redis(tmp_path / "first") as first, Redis(tmp_path / "second") as second:
        yield first, second


def node(servers):
    flags = [word for server in servers for word in ("--redis", server.url)]
    return Server("/nowhere", *flags, *MANY_LOGINS, *NO_RATE)


def rooms_on(server):
    """The numbers of the rooms whose messages are on a server."""
    keys = server.command("KEYS", "*log:{chat/*}")
    return {int(key.partition("{chat/")[2].partition("}")[0]) for key in keys}


def test_rooms_are_shared_and_each_node_finds_them(servers):
    with node(servers) as one, node(servers) as two:
        mina = join(one, "Mina")
        rooms = {mina.make_room() for _ in range(20)}
        with Stomp(WebSocket(one.websocket_url)) as writer:
            writer.connect(mina.token)
            for room in rooms:
                assert writer.say(room, f"in {room}").command == "RECEIPT"
        here, there = rooms_on(servers[0]), rooms_on(servers[1])
        assert here | there == rooms and not here & there
        assert len(here) >= 4 and len(there) >= 4
        with Stomp(WebSocket(two.websocket_url)) as reader:
            reader.connect(mina.token)
            for room in rooms:
                reader.subscribe(f"/sub/chat/{room}", f"s{room}", history="10")
                assert reader.message(f"s{room}").text == f"in {room}"


def test_without_one_of_them_the_node_is_red_and_the_rooms_of_the_others_go_on(servers):
    with node(servers) as server:
        mina = join(server, "Mina")
        rooms = {mina.make_room() for _ in range(20)}
        with Stomp(WebSocket(server.websocket_url)) as writer:
            writer.connect(mina.token)
            for room in rooms:
                writer.say(room, "before")
            lost = rooms_on(servers[1])
            servers[1].kill()
            until(lambda: server.rest.get("/readyz").status == 503, "red", seconds=3)
            for room in rooms - lost:
                assert writer.say(room, "meanwhile").command == "RECEIPT"
            writer.subscribe("/user/queue/errors", "errors")
            refused = writer.say(min(lost), "meanwhile")
            assert refused.headers["code"] == "store-unavailable"
            servers[1].start()
            until(lambda: server.rest.get("/readyz").status == 200, "green", seconds=3)
            assert writer.say(min(lost), "after").command == "RECEIPT"
