"""A disk without space: publishers hear of it, the node lives, and goes on once there is space.

What stands in for the full disk is a limit of file size 0 on the server's process: each of its
writes to a file fails, as with ENOSPC.
"""

import resource

import pytest

from harness.people import join
from harness.program import Server
from harness.stomp_client import Stomp, WebSocket
from harness.waiting import until


def limit_file_size(server, size):
    """Lets the server's files grow no further than `size` bytes."""
    _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, hard))


@pytest.mark.parametrize("ignores_file_limit", [
    pytest.param(True, id="as an error"), pytest.param(False, id="as a signal"),
])
def test_a_node_outlives_a_full_disk(tmp_path, ignores_file_limit):
    with Server(tmp_path / "data", ignores_file_limit=ignores_file_limit) as server:
        mina = join(server)
        room = mina.make_room()
        messages = f"/api/openchat/room/{room}/message"
        with Stomp(WebSocket(server.websocket_url)) as client, \
                Stomp(WebSocket(server.websocket_url)) as plain:
            client.connect(mina.token)
            plain.connect(mina.token)
            client.subscribe("/user/queue/errors", id="errors")
            client.subscribe(f"/sub/chat/{room}", id="s")
            assert client.say(room, "before").offset == 1
            assert client.message().text == "before"
            assert server.rest.get("/readyz").status == 200

            limit_file_size(server, 0)
            for _ in range(3):
                refused = client.say(room, "never", idempotency_key="never")
                assert refused.command == "MESSAGE"
                assert refused.headers["code"] == "store-unavailable"
                assert int(refused.headers["retry-after-ms"]) > 0
            assert plain.say(room, "never").headers["message"] == "store-unavailable"
            assert plain.end() == 1013
            answer = mina.rest.post(messages, {"message": "never"})
            assert answer.error == (503, "S001") and int(answer.headers["retry-after"]) > 0
            assert mina.rest.post("/api/openchat", {"title": "Never"}).error == (503, "S001")
            ready = server.rest.get("/readyz")
            assert ready.error == (503, "S001") and int(ready.headers["retry-after"]) > 0
            assert server.rest.get("/healthz").status == 200
            assert [each["message"] for each in mina.history(room)] == ["before"]

            limit_file_size(server, resource.RLIM_INFINITY)
            until(lambda: server.rest.get("/readyz").status == 200, "the node is ready again")
            assert client.say(room, "after").offset == 2
            assert client.message().text == "after"
            assert mina.rest.post(messages, {"message": "at last"}).status == 201
        said = [(each["id"], each["message"]) for each in mina.history(room)]
        assert said == [(1, "before"), (2, "after"), (3, "at last")]


def test_a_node_that_finds_no_space_at_its_start_says_so_and_comes_up_later(tmp_path):
    with Server(tmp_path / "data") as server:
        mina = join(server)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(AssertionError, match="can't be opened"):
            Server(tmp_path / "data", ignores_file_limit=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with Server(tmp_path / "data") as server:
        assert server.rest.bearing(mina.token).get("/api/profile").status == 200
