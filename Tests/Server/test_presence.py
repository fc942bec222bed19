"""Who is in a room and who types there: events, the list of members, and their positions."""

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server
from harness.stomp_client import Stomp, WebSocket
from harness.waiting import until


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A node that forgets nobody who leaves, within a test's time."""
    data = tmp_path_factory.mktemp("data")
    flags = ("--loops", "2", "--presence-grace", "1h", "--publishes-per-second-max", "0")
    with Server(data, *flags, *MANY_LOGINS) as node:
        yield node


@pytest.fixture(scope="module")
def prompt(tmp_path_factory):
    """A node that forgets who leaves at once."""
    data = tmp_path_factory.mktemp("data")
    with Server(data, "--loops", "2", "--presence-grace", "10ms", *MANY_LOGINS) as node:
        yield node


def visit(node, person):
    """A connection to any node."""
    client = Stomp(WebSocket(node.websocket_url))
    assert client.connect(person.token).command == "CONNECTED"
    return client


def listen(client, room):
    """Listens to what happens in a room; answers with where it begins."""
    return client.subscribe(f"/sub/events/{room}", id="events").headers["position"]


def enter(client, room, id="s"):
    assert client.subscribe(f"/sub/chat/{room}", id=id).command == "RECEIPT"


def type_in(client, room, body=b""):
    return client.ask("SEND", {"destination": f"/pub/chat/typing/{room}"}, body)


def event(client):
    """The next event: what it is, of whom."""
    body = client.message("events").json
    return body["type"], body["user"]


def members(room, person, query=""):
    return person.rest.get(f"/api/openchat/{room}/members{query}").json


def names(room, person):
    return [each["name"] for each in members(room, person)["members"]]


def test_a_new_name_is_in_the_list_of_who_is_there(server, mina):
    person, room = join(server, "Before"), mina.make_room()
    client = visit(server, person)
    enter(client, room)
    assert names(room, mina) == ["Before"]
    assert person.rest.put("/api/profile", {"nickname": "After"}).status == 200
    until(lambda: names(room, mina) == ["After"], "the new name to be listed")
    client.close()


def test_a_user_with_two_devices_is_one_member(dial, mina, jun, room):
    observer, first, second = dial(jun), dial(mina), dial(mina, over="tcp")
    listen(observer, room)
    for device in (first, second):
        enter(device, room)
    enter(first, room, id="again")
    joined = observer.message("events")
    assert joined.headers["content-type"].startswith("application/json")
    assert joined.headers["sender"] == str(mina.id)
    assert {**joined.json, "createdAt": ""} == {
        "type": "join", "roomId": room, "userId": mina.id, "user": "Mina", "createdAt": ""}
    # Whatever else there was to tell came before this.
    type_in(observer, room)
    assert event(observer) == ("typing", "Jun")
    listed = members(room, jun)
    assert listed == {
        "members": [{"userId": mina.id, "name": "Mina"}], "count": 1,
        "position": listed["position"]}


def test_a_reload_shows_to_nobody(dial, mina, jun, room):
    observer, device = dial(jun), dial(mina)
    listen(observer, room)
    enter(device, room)
    assert event(observer) == ("join", "Mina")
    device.ask("DISCONNECT")
    device.end()
    assert names(room, jun) == ["Mina"]
    enter(dial(mina), room)
    type_in(observer, room)
    assert event(observer) == ("typing", "Jun")


def test_who_leaves_is_gone_after_the_grace_once(prompt):
    mina, jun = join(prompt, "Mina"), join(prompt, "Jun")
    room = mina.make_room()
    with visit(prompt, jun) as observer, visit(prompt, mina) as device:
        listen(observer, room)
        for id in ("a", "b"):
            enter(device, room, id)
        assert event(observer) == ("join", "Mina")
        device.close()
        assert event(observer) == ("leave", "Mina")
        assert members(room, jun)["count"] == 0
        with visit(prompt, mina) as again:
            enter(again, room)
            assert event(observer) == ("join", "Mina")
            assert again.ask("UNSUBSCRIBE", {"id": "s"}).command == "RECEIPT"
            assert event(observer) == ("leave", "Mina")
        type_in(observer, room)
        assert event(observer) == ("typing", "Jun")


def test_events_above_a_list_of_members_tell_what_changes(prompt):
    people = [join(prompt, f"person {number}") for number in range(4)]
    room = people[0].make_room()
    lists, clients = [], {}
    with visit(prompt, people[0]) as observer:
        listen(observer, room)
        for step in range(24):
            person = people[(5 * step) % 4]
            if client := clients.pop(person.id, None):
                client.close()
            else:
                clients[person.id] = visit(prompt, person)
                enter(clients[person.id], room)
            # Now and then in the middle of what the last steps set off.
            lists.append(members(room, people[step % 4]))
        for client in clients.values():
            client.close()
        lists.append(until(
            lambda: (now := members(room, people[0]))["count"] == 0 and now,
            "everybody has left"))
        last = offset(lists[-1])
        events = []
        while not events or events[-1].offset < last:
            events.append(observer.message("events"))
    assert [each.offset for each in events] == list(range(1, last + 1))
    for earlier, later in zip(lists, lists[1:]):
        present = ids(earlier)
        for told in events[offset(earlier):offset(later)]:
            if told.json["type"] == "join":
                assert told.json["userId"] not in present
                present.add(told.json["userId"])
            else:
                present.remove(told.json["userId"])
        assert present == ids(later)


def offset(listed):
    return int(listed["position"].partition(":")[2])


def ids(listed):
    assert len(listed["members"]) == listed["count"]
    return {each["userId"] for each in listed["members"]}


def test_an_events_position_resumes_within_the_process(dial, mina, jun, room):
    first = dial(jun)
    begin = listen(first, room)
    enter(dial(mina), room)
    assert event(first) == ("join", "Mina")
    second = dial(jun)
    receipt = second.subscribe(f"/sub/events/{room}", id="events", position=begin)
    assert receipt.headers["resume"] == "complete"
    assert event(second) == ("join", "Mina")


def test_after_a_crash_only_those_who_come_back_are_there(tmp_path):
    with Server(tmp_path, *MANY_LOGINS) as node:
        mina, jun = join(node, "Mina"), join(node, "Jun")
        room = mina.make_room()
        devices = [visit(node, person) for person in (mina, jun)]
        for device in devices:
            enter(device, room)
        before = members(room, mina)
        assert before["count"] == 2
        node.kill()
        for device in devices:
            device.close()
    with Server(tmp_path, *MANY_LOGINS) as node:
        again = node.rest.bearing(mina.token)
        assert again.get(f"/api/openchat/{room}/members").json["members"] == []
        with visit(node, mina) as device:
            enter(device, room)
            after = again.get(f"/api/openchat/{room}/members").json
            assert [each["name"] for each in after["members"]] == ["Mina"]
            assert after["position"].partition(":")[0] != before["position"].partition(":")[0]


def test_the_list_is_cut_and_the_count_is_not(dial, mina, jun, room):
    for person in (jun, mina):
        enter(dial(person), room)
    listed = members(room, mina, "?limit=1")
    assert listed["count"] == 2
    assert [each["userId"] for each in listed["members"]] == [min(mina.id, jun.id)]


@pytest.mark.parametrize("body", [b"", b'{"typing":true}', b'{"typing":true,"x":1}'], ids=repr)
def test_typing_is_told_and_ends_when_it_is_said_to(dial, mina, jun, room, body):
    observer, writer = dial(jun), dial(mina)
    listen(observer, room)
    assert type_in(writer, room, body).command == "RECEIPT"
    told = observer.message("events").json
    assert {**told, "createdAt": ""} == {
        "type": "typing", "roomId": room, "userId": mina.id, "user": "Mina", "typing": True,
        "expiresInMs": 6000, "createdAt": ""}
    type_in(writer, room, b'{"typing":false}')
    assert observer.message("events").json["typing"] is False


def test_typing_expires(dial, mina, jun, room):
    observer, writer = dial(jun), dial(mina)
    listen(observer, room)
    type_in(writer, room)
    began, ended = (each for each in observer.messages(2, "events"))
    assert [began.json["typing"], ended.json["typing"]] == [True, False]
    lasted = int(ended.headers["timestamp"]) - int(began.headers["timestamp"])
    assert lasted >= 5_900


def test_a_flood_of_typing_is_told_every_three_seconds_at_most(dial, mina, jun, room):
    observer, writer = dial(jun), dial(mina)
    listen(observer, room)
    for _ in range(200):
        writer.send_frame("SEND", {"destination": f"/pub/chat/typing/{room}"})
    writer.say(room, "done")
    told = [observer.message("events")]
    while told[-1].json["typing"]:
        told.append(observer.message("events"))
    times = [int(each.headers["timestamp"]) for each in told[:-1]]
    assert all(later - earlier >= 2_900 for earlier, later in zip(times, times[1:]))


@pytest.mark.parametrize("by", ["stomp", "rest", "leaving"])
def test_typing_ends_with_the_message_or_the_writer(dial, mina, jun, room, by):
    observer, writer = dial(jun), dial(mina)
    listen(observer, room)
    enter(writer, room)
    assert event(observer) == ("join", "Mina")
    type_in(writer, room)
    assert observer.message("events").json["typing"] is True
    if by == "stomp":
        writer.say(room, "done")
    elif by == "rest":
        mina.rest.post(f"/api/openchat/room/{room}/message", {"message": "done"})
    else:
        writer.close()
    ended = observer.message("events").json
    assert (ended["type"], ended["userId"], ended["typing"]) == ("typing", mina.id, False)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"typing":1}', b'{"typing":null}', b"\xff"], ids=repr)
def test_typing_of_the_wrong_shape_is_refused(dial, mina, room, body):
    client = dial(mina)
    assert type_in(client, room, body).headers["message"] == "bad-frame"
    assert client.end() == 1002


@pytest.mark.parametrize("command, destination", [
    ("SUBSCRIBE", "/sub/events/{unknown}"),
    ("SUBSCRIBE", "/pub/chat/typing/{room}"),
    ("SEND", "/sub/events/{room}"),
    ("SEND", "/pub/chat/typing/{unknown}"),
])
def test_what_is_no_such_thing_is_refused(dial, mina, room, command, destination):
    client = dial(mina)
    client.subscribe("/user/queue/errors", id="errors")
    place = destination.format(room=room, unknown=room + 1_000_000)
    refused = client.ask(command, {"id": "s", "destination": place})
    assert refused.headers["code"] == "no-such-destination"


def test_the_list_of_members_is_refused_to_strangers_and_of_no_room(server, mina, room):
    path = f"/api/openchat/{room}/members"
    assert server.rest.get(path).error == (401, "TK001")
    assert mina.rest.get(f"/api/openchat/{room + 1_000_000}/members").error == (404, "C001")
    for limit in ("0", "1001", "x"):
        assert mina.rest.get(f"{path}?limit={limit}").error == (400, "R008")
