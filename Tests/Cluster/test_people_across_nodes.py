"""Who is there, and who may be, on all nodes together."""

import time

import pytest

from harness.cluster import SECRET
from harness.people import join
from harness.program import petnexus
from harness.stomp_client import TCP, Stomp
from harness.waiting import until

# The promise is one second, and ten for a node that died; the rest is for a busy machine.
AUTHORITY_MAX_S = 5.0
DEAD_MAX_S = 20.0


@pytest.fixture
def enter(cluster):
    """Connects people to nodes; each connection is closed when the test ends."""
    clients = []

    def connect(node, person, room=None):
        client = Stomp(TCP(node.stomp_port))
        clients.append(client)
        assert client.connect(person.token).command == "CONNECTED"
        if room is not None:
            assert client.subscribe(f"/sub/chat/{room}").command == "RECEIPT"
        return client

    yield connect
    for client in clients:
        client.close()


def listen(client, room):
    assert client.subscribe(f"/sub/events/{room}", id="events").command == "RECEIPT"


def members(node, person, room):
    answer = node.rest.bearing(person.token).get(f"/api/openchat/{room}/members")
    assert answer.status == 200, answer.body
    return sorted(each["name"] for each in answer.json["members"])


def events(client, room, person):
    """All joinings and leavings that an observer was told of, in order, as of now."""
    # Whatever there was to tell came before this.
    client.ask("SEND", {"destination": f"/pub/chat/typing/{room}"})
    told = []
    while (event := client.message("events").json)["type"] != "typing":
        told.append((event["type"], event["user"]))
    client.ask("SEND", {"destination": f"/pub/chat/typing/{room}"}, b'{"typing":false}')
    return told


def test_members_of_a_dead_node_leave_once_each_and_the_others_stay(cluster, enter):
    first, second, third = cluster.nodes
    mina, jun, ada, sam = (join(first, name) for name in ("Mina", "Jun", "Ada", "Sam"))
    room = mina.make_room()
    observer = enter(first, mina)
    listen(observer, room)
    enter(second, jun, room)
    enter(first, ada, room)
    # Sam is on two nodes, of which one dies.
    enter(second, sam, room)
    enter(third, sam, room)
    until(lambda: members(third, mina, room) == ["Ada", "Jun", "Sam"], "all are there")
    second.kill()
    killed = time.monotonic()
    until(lambda: members(first, mina, room) == ["Ada", "Sam"], "Jun has left", DEAD_MAX_S)
    print(f"left {time.monotonic() - killed:.1f} s after the kill")
    second.start()
    until(lambda: members(second, mina, room) == ["Ada", "Sam"], "the new one knows so, too")
    assert sorted(events(observer, room, mina)) == [
        ("join", "Ada"), ("join", "Jun"), ("join", "Sam"), ("leave", "Jun")]


def test_somebody_on_two_nodes_leaves_when_both_are_left(cluster, enter):
    first, second, third = cluster.nodes
    mina, jun = join(first, "Mina"), join(first, "Jun")
    room = mina.make_room()
    observer = enter(third, mina)
    listen(observer, room)
    one, two = enter(first, jun, room), enter(second, jun, room)
    until(lambda: members(third, mina, room) == ["Jun"], "Jun is there")
    one.ask("DISCONNECT")
    # Longer than the grace for who comes back.
    time.sleep(1.5)
    assert members(third, mina, room) == ["Jun"]
    two.ask("DISCONNECT")
    until(lambda: members(third, mina, room) == [], "Jun has left")
    assert events(observer, room, mina) == [("join", "Jun"), ("leave", "Jun")]


def test_nobody_flickers_out_while_redis_is_paused(cluster, redis, enter):
    first, second, _ = cluster.nodes
    mina, jun, ada = (join(first, name) for name in ("Mina", "Jun", "Ada"))
    room = mina.make_room()
    observer = enter(first, mina)
    listen(observer, room)
    enter(first, ada, room)
    enter(second, jun, room)
    until(lambda: members(first, mina, room) == ["Ada", "Jun"], "both are there")
    redis.pause()
    until(lambda: not any(node.is_ready for node in cluster.nodes), "all are red")
    # Longer than leases last.
    time.sleep(8)
    redis.resume()
    until(lambda: all(node.is_ready for node in cluster.nodes), "all are green")
    ended = time.monotonic()
    until(lambda: members(first, mina, room) == ["Ada", "Jun"], "both are there again")
    # Those who are gone would be taken for that six seconds later.
    until(lambda: time.monotonic() > ended + 8 or
          members(first, mina, room) != ["Ada", "Jun"], "time passes", 20)
    assert members(second, mina, room) == ["Ada", "Jun"]
    assert sorted(events(observer, room, mina)) == [("join", "Ada"), ("join", "Jun")]


def test_how_far_somebody_has_read_on_one_node_is_known_on_all(cluster, enter):
    first, second, third = cluster.nodes
    mina, jun = join(first, "Mina"), join(first, "Jun")
    room = mina.make_room()
    assert second.rest.bearing(jun.token).post(f"/api/openchat/{room}/join").status == 200
    observer = enter(third, mina)
    listen(observer, room)

    def unread(node):
        rooms = node.rest.bearing(jun.token).get("/api/chat/rooms").json["content"]
        return [(each["unreadCount"], each["readPosition"]) for each in rooms]

    for text in ("one", "two", "three"):
        sent = first.rest.bearing(mina.token).post(
            f"/api/openchat/room/{room}/message", {"message": text})
        assert sent.status == 201, sent.body
    position = sent.json["position"]
    assert [count for count, _ in unread(third)] == [3]
    reader = enter(second, jun)
    reader.ask("SEND", {"destination": f"/pub/chat/read/{room}"})
    for node in cluster.nodes:
        until(lambda: unread(node) == [(0, position)], "it is known there", AUTHORITY_MAX_S)
    told = observer.wait(
        lambda frame: frame.command == "MESSAGE" and frame.json["type"] == "read", "a read mark",
        AUTHORITY_MAX_S)
    assert (told.json["user"], told.json["position"]) == ("Jun", position)
    # A mark never goes back, wherever an older one is said.
    enter(third, jun).ask(
        "SEND", {"destination": f"/pub/chat/read/{room}"},
        b'{"position":"%s:1"}' % position.split(":")[0].encode())
    for node in cluster.nodes:
        assert unread(node) == [(0, position)]


def error_of(client):
    return client.wait(lambda frame: frame.command == "ERROR", "ERROR", seconds=AUTHORITY_MAX_S)


def test_a_logout_on_one_node_ends_sessions_on_all(cluster, enter):
    first, second, third = cluster.nodes
    jun = join(first, "Jun")
    clients = [enter(node, jun) for node in (second, third)]
    assert first.rest.bearing(jun.token).post("/api/user/logout").status == 200
    began = time.monotonic()
    for client in clients:
        assert error_of(client).headers["message"] == "revoked"
    print(f"logged out everywhere after {time.monotonic() - began:.2f} s")
    for node in cluster.nodes:
        until(lambda: node.rest.bearing(jun.token).get("/api/profile").status == 401,
              "the token counts no more", AUTHORITY_MAX_S)


def test_an_account_that_the_operator_disables_loses_its_sessions_on_all_nodes(
        cluster, redis, enter):
    jun = join(cluster.nodes[0], "Jun")
    clients = [enter(node, jun) for node in cluster.nodes]
    disabled = petnexus(
        "user", "disable", jun.email, "--redis", redis.url,
        settings={"PETNEXUS_JWT_SECRET": SECRET.decode()})
    assert disabled.returncode == 0, disabled.stderr
    for client in clients:
        assert error_of(client).headers["message"] == "revoked"


def test_a_kick_on_one_node_reaches_the_room_on_another(cluster, enter):
    first, second, third = cluster.nodes
    mina, jun = join(first, "Mina"), join(second, "Jun")
    room = mina.make_room()
    client = enter(second, jun)
    client.subscribe("/user/queue/errors", id="e")
    client.subscribe(f"/sub/chat/{room}")
    kick = third.rest.bearing(mina.token).post(
        f"/api/openchat/{room}/kick", {"userId": jun.id})
    assert kick.status == 200, kick.body
    notice = client.wait(
        lambda frame: frame.headers.get("subscription") == "e", "a notice", AUTHORITY_MAX_S)
    assert notice.headers["code"] == "forbidden"
    for node in cluster.nodes:
        until(lambda: node.rest.bearing(jun.token).get(
            f"/api/openchat/room/{room}").error == (403, "C003"), "kept out", AUTHORITY_MAX_S)


def renew(node, cookie):
    headers = {"Cookie": cookie, "Origin": node.url}
    return node.rest.post("/api/user/token", headers=headers)


def test_a_refresh_token_used_twice_ends_its_family_on_every_node(cluster, enter):
    first, second, third = cluster.nodes
    jun = join(first, "Jun")
    old = f"refreshToken={jun.cookies['refreshToken']}"
    granted = renew(second, old)
    assert granted.status == 200
    new = f"refreshToken={granted.cookies['refreshToken'].split(';')[0]}"
    client = enter(first, jun)
    assert renew(third, old).status == 401
    assert error_of(client).headers["message"] == "revoked"
    for node in cluster.nodes:
        assert renew(node, new).status == 401
