"""What other backends do by the operator's key."""

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server
from harness.stomp_client import Stomp, WebSocket
from harness.waiting import until

KEY = "a key for backends"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(
            tmp_path_factory.mktemp("data"), "--open-topics", "--topic", "news.**=history:10",
            *MANY_LOGINS, settings={"PETNEXUS_API_KEY": KEY}) as node:
        yield node


@pytest.fixture(scope="module")
def backend(server):
    """Calls the engine with the key."""
    def call(method, path, body=None):
        return server.rest.request(method, path, body, {"X-API-Key": KEY})
    return call


def test_nobody_comes_in_without_the_key(server, mina):
    for headers in ({}, {"X-API-Key": "another key"}, {"Authorization": f"Bearer {KEY}"}):
        answer = server.rest.request("GET", "/api/engine/info", headers=headers)
        assert answer.error == (401, "TK005")
    assert mina.rest.get("/api/engine/info").error == (401, "TK005")


def test_without_a_key_of_the_operators_nobody_comes_in(tmp_path):
    with Server(tmp_path / "data") as other:
        answer = other.rest.request("GET", "/api/engine/info", headers={"X-API-Key": ""})
        assert answer.error == (401, "TK005")


def test_a_backend_publishes_to_a_topic_once_by_one_key(server, backend, mina):
    body = {"destination": "/topic/news.cats", "body": "Meow", "contentType": "text/x-cat",
            "idempotencyKey": "k"}
    with Stomp(WebSocket(server.websocket_url)) as client:
        client.connect(mina.token)
        client.subscribe("/topic/news.cats")
        first, again = (backend("POST", "/api/engine/publish", body) for _ in range(2))
        message = client.message()
    assert (first.status, first.json["duplicate"], again.json["duplicate"]) == (201, False, True)
    assert first.json["position"] == again.json["position"] == message.headers["position"]
    assert (message.body, message.headers["content-type"]) == (b"Meow", "text/x-cat")
    assert message.headers["sender"] == "0"


def test_a_backend_speaks_in_a_room(backend, mina, room):
    body = {"destination": f"/pub/chat/message/{room}", "body": '{"message": "Hello"}'}
    assert backend("POST", "/api/engine/publish", body).status == 201
    message, = mina.history(room)
    assert (message["message"], message["senderId"]) == ("Hello", 0)


def test_members_are_told_of_what_a_backend_says(server, backend, room):
    jun = join(server, "Jun")
    jun.rest.post(f"/api/openchat/{room}/join")
    body = {"destination": f"/pub/chat/message/{room}", "body": '{"message": "Hello"}'}
    assert backend("POST", "/api/engine/publish", body).status == 201

    def told():
        return [each["type"] for each in jun.rest.get("/api/notifications").json["content"]]

    until(lambda: told() == ["MESSAGE"], "the notification", seconds=5)


@pytest.mark.parametrize("destination", [
    "/topic/", "/topic/a b", "/pub/chat/message/999999", "/pub/chat/message/x",
    "/pub/tradechat/message/1", "/sub/chat/1", "/user/queue/notifications", "",
])
def test_there_is_no_other_destination(backend, destination):
    body = {"destination": destination, "body": "x"}
    assert backend("POST", "/api/engine/publish", body).error == (404, "C007")


def test_a_user_is_disconnected_and_may_come_back(server, backend):
    jun, mia = join(server, "Jun"), join(server, "Mia")
    with Stomp(WebSocket(server.websocket_url)) as client, \
            Stomp(WebSocket(server.websocket_url)) as bystander:
        client.connect(jun.token)
        bystander.connect(mia.token)
        assert backend("POST", "/api/engine/disconnect", {"userId": jun.id}).status == 200
        assert client.error().headers["message"] == "going-away"
        assert bystander.subscribe("/user/queue/errors").command == "RECEIPT"
    with Stomp(WebSocket(server.websocket_url)) as again:
        assert again.connect(jun.token).command == "CONNECTED"


def test_what_runs_is_told(backend):
    info = backend("GET", "/api/engine/info").json
    assert info["version"] and info["connections"] >= 1
