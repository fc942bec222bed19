"""Open chats that are edited and closed while people are inside, on each kind of store."""

import json

import pytest

from harness.stomp_client import Stomp, WebSocket


@pytest.fixture(scope="module")
def mina(site):
    return site.join("Mina")


@pytest.fixture(scope="module")
def jun(site):
    return site.join("Jun")


@pytest.fixture
def inside(site, jun, room):
    """Jun in Mina's room, listening to everything."""
    with Stomp(WebSocket(site.server.websocket_url)) as client:
        client.connect(jun.token)
        client.subscribe("/user/queue/errors", id="e")
        client.subscribe(f"/sub/events/{room}", id="events")
        client.subscribe(f"/sub/chat/{room}")
        assert client.message("events").json["type"] == "join"
        yield client


def test_a_new_title_shows_at_once_to_those_inside(mina, jun, room, inside):
    changed = mina.rest.put(f"/api/openchat/{room}", {"title": "Evening walks"})
    assert (changed.status, changed.json["title"]) == (200, "Evening walks")
    event = inside.message("events").json
    assert (event["type"], event["title"], event["roomId"]) == ("edited", "Evening walks", room)
    assert jun.rest.get(f"/api/openchat/{room}").json == changed.json


def test_a_description_changes_alone(mina, room):
    before = mina.rest.get(f"/api/openchat/{room}").json
    changed = mina.rest.put(f"/api/openchat/{room}", {"content": "Bring water"})
    assert changed.json == {**before, "content": "Bring water"}


def test_only_the_owner_and_administrators_change_a_room(site, mina, jun, room):
    path = f"/api/openchat/{room}"
    for method, body in (("PUT", {"title": "Mine"}), ("DELETE", None)):
        assert site.rest.request(method, path, body).error == (401, "TK001")
        assert jun.rest.request(method, path, body).error == (403, "C003")
    root = site.join_as_admin(f"root-{room}")
    assert root.put(path, {"title": "Moderated"}).json["title"] == "Moderated"
    assert root.delete(path).status == 200


def test_closing_a_room_ends_it_for_everybody(mina, jun, room, inside):
    jun.rest.post(f"/api/openchat/{room}/join")
    inside.say(room, "Still here")
    assert mina.rest.delete(f"/api/openchat/{room}").status == 200
    assert inside.wait(
        lambda frame: frame.headers.get("subscription") == "events"
        and frame.json["type"] == "closed", "the closing")
    ended = {inside.message("e").headers["subscription-destination"] for _ in range(2)}
    assert ended == {f"/sub/chat/{room}", f"/sub/events/{room}"}
    for path in ("", "/members"):
        assert jun.rest.get(f"/api/openchat/{room}{path}").error == (404, "C001")
    assert jun.rest.get(f"/api/openchat/room/{room}").error == (404, "C001")
    assert room not in [each["roomId"] for each in jun.rest.get("/api/chat/rooms").json["content"]]


def test_whoever_only_writes_is_refused_as_well(site, mina, jun, room):
    """The destination was asked for once, and is not asked for with every message."""
    with Stomp(WebSocket(site.server.websocket_url)) as writer:
        writer.connect(jun.token)
        writer.subscribe("/user/queue/errors", id="e")
        assert writer.say(room, "Before").command == "RECEIPT"
        assert mina.rest.delete(f"/api/openchat/{room}").status == 200
        assert writer.say(room, "After").headers["code"] == "no-such-destination"


def test_closing_twice_by_one_key_succeeds_twice(mina, room):
    key = {"Idempotency-Key": f"close {room}"}
    closed = [mina.rest.delete(f"/api/openchat/{room}", key).status for _ in range(2)]
    assert closed == [200, 200]
    assert mina.rest.delete(f"/api/openchat/{room}").error == (404, "C001")


def test_a_body_that_says_nothing_changes_nothing(mina, room):
    before = mina.rest.get(f"/api/openchat/{room}").json
    assert mina.rest.put(f"/api/openchat/{room}", json.loads("{}")).json == before
