"""A node that can't start says why in one line; one that stops says goodbye."""

import http.client
import os
import socket
import sqlite3

import pytest

from harness.people import join
from harness.program import Server, petnexus
from harness.stomp_client import TCP, Stomp, WebSocket


def serve_in_vain(data, *flags):
    """The one line of a node that ends at once."""
    result = petnexus("serve", "--port", "0", "--data", data, *flags)
    assert (result.returncode, result.stdout) == (1, "")
    lines = [line for line in result.stderr.splitlines() if not line.startswith("20")]
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_a_port_in_use_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert str(port) in serve_in_vain(tmp_path / "data", "--port", port)
        assert str(port) in serve_in_vain(tmp_path / "data", "--stomp-port", port)


def test_an_address_of_another_machine_is_named(tmp_path):
    assert "192.0.2.1" in serve_in_vain(tmp_path / "data", "--host", "192.0.2.1")


def test_a_file_in_the_place_of_the_data_directory_is_named(tmp_path):
    data = tmp_path / "data"
    data.write_text("mine")
    assert str(data) in serve_in_vain(data)
    assert data.read_text() == "mine"


@pytest.mark.parametrize("data", ["/proc/petnexus", "/proc/self/petnexus", "/proc"])
def test_a_data_directory_that_cannot_be_written_is_named(data):
    assert data in serve_in_vain(data)


def test_a_data_directory_whose_parent_is_missing_is_named(tmp_path):
    data = tmp_path / "missing" / "data"
    assert str(data) in serve_in_vain(data)
    assert list(tmp_path.iterdir()) == []


def test_a_second_server_on_the_same_data_directory_is_refused(tmp_path):
    data = tmp_path / "data"
    with Server(data) as server:
        assert str(data) in serve_in_vain(data)
        assert server.rest.get("/readyz").status == 200


@pytest.fixture
def store(tmp_path):
    """The file of a store that a node has worked with."""
    with Server(tmp_path / "data") as server:
        join(server).make_room()
    return tmp_path / "data" / "petnexus.db"


def test_a_file_that_is_no_database_is_named_and_left_alone(store):
    store.write_bytes(b"a diary, in plain words\n" * 200)
    before = store.read_bytes()
    assert f"{store} is not a database" in serve_in_vain(store.parent)
    assert store.read_bytes() == before


def test_a_database_that_was_cut_short_is_not_served(store):
    with open(store, "r+b") as file:
        file.truncate(6000)
    assert str(store) in serve_in_vain(store.parent)


def test_a_database_with_scribbled_pages_is_not_served(store):
    size = store.stat().st_size
    with open(store, "r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    assert str(store) in serve_in_vain(store.parent)


def test_the_database_of_another_program_is_left_alone(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    with sqlite3.connect(data / "petnexus.db") as database:
        database.execute("CREATE TABLE recipes (name TEXT)")
    before = (data / "petnexus.db").read_bytes()
    assert "another program" in serve_in_vain(data)
    assert (data / "petnexus.db").read_bytes() == before


def test_a_database_of_a_later_version_is_left_alone(store):
    with sqlite3.connect(store) as database:
        database.execute("PRAGMA user_version = 1000")
    assert "1000" in serve_in_vain(store.parent)


def test_what_was_said_is_there_after_a_restart(tmp_path):
    with Server(tmp_path / "data") as server:
        mina = join(server)
        room = mina.make_room()
        position = mina.rest.post(
            f"/api/openchat/room/{room}/message", {"message": "still here?"}).json["position"]
    with Server(tmp_path / "data") as server:
        page = server.rest.bearing(mina.token).get(f"/api/openchat/room/{room}").json
        assert [each["message"] for each in page["chatList"]] == ["still here?"]
        assert page["position"] == position


def connected(server, person, over):
    """A signed-in client."""
    wire = WebSocket(server.websocket_url) if over == "websocket" else TCP(server.stomp_port)
    client = Stomp(wire)
    assert client.connect(person.token).command == "CONNECTED"
    return client


@pytest.mark.parametrize("over", ["websocket", "tcp"])
def test_a_node_that_is_told_to_end_says_goodbye(tmp_path, over):
    with Server(tmp_path / "data") as server:
        mina = join(server)
        clients = [connected(server, mina, over) for _ in range(5)]
        server.terminate()
        delays = set()
        for client in clients:
            goodbye = client.wait(lambda frame: frame.command == "ERROR", "goodbye")
            assert goodbye.headers["message"] == "going-away"
            delays.add(int(goodbye.headers["reconnect-after-ms"]))
            assert client.end() == (1001 if over == "websocket" else None)
            client.close()
        assert len(delays) > 1, "all would come back at once"
        assert server.wait() == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port))


def test_an_idle_http_connection_is_closed_when_the_node_ends(tmp_path):
    with Server(tmp_path / "data") as server:
        idle = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        idle.request("GET", "/healthz")
        assert idle.getresponse().read()
        server.terminate()
        assert idle.sock.recv(1) == b""
        idle.close()
        assert server.wait() == 0


def test_a_client_that_does_not_leave_is_left_behind_after_the_drain(tmp_path):
    with Server(tmp_path / "data", "--drain", "200ms") as server:
        with connected(server, join(server), "tcp"):
            server.terminate()
            assert server.wait(1.5) == 0
