"""The limits of single connections and requests, each set low: what it refuses, and with which code."""

import http.client
import re
import socket

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import ROOT, Server, petnexus
from harness.rest import exchange
from harness.stomp_client import TCP, Stomp, WebSocket
from harness.waiting import until

SMALL = (
    "--header-bytes-max", "1KiB", "--body-bytes-max", "1KiB", "--message-bytes-max", "1KiB",
    "--stomp-headers-max", "8", "--stomp-header-bytes-max", "1KiB", "--subscriptions-max", "3",
    "--outbox-bytes-max", "64KiB", "--idle-timeout", "1s", "--logins-per-account-max", "3",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A node that allows little."""
    with Server(tmp_path_factory.mktemp("data"), *MANY_LOGINS, *SMALL) as node:
        yield node


# HTTP


def test_a_request_head_beyond_header_bytes_max_is_431(server):
    for size, status in [(500, 200), (1200, 431)]:
        head = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: "
        (answer,) = exchange(server.port, head + b"y" * size + b"\r\n\r\n")
        assert answer.status == status


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_body_beyond_body_bytes_max_is_413(server, framing):
    head = b"POST /api/user/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" \
        b"Content-Type: application/json\r\n"
    for size, status in [(1024, 400), (1025, 413)]:
        if framing == "length":
            request = head + b"Content-Length: %d\r\n\r\n" % size + b"x" * size
        else:
            request = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % size + b"x" * size \
                + b"\r\n0\r\n\r\n"
        (answer,) = exchange(server.port, request)
        assert answer.error == (status, "R009" if status == 413 else "R001")


def test_a_kept_connection_that_is_silent_beyond_idle_timeout_is_closed(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        said = b""
        while data := connection.recv(65536):
            said += data
        assert said.startswith(b"HTTP/1.1 200 ")


def test_connections_beyond_connections_max_are_closed_at_once(tmp_path):
    with Server(tmp_path / "data", "--connections-max", "4") as server:
        held = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(2)]
        held += [
            socket.create_connection(("127.0.0.1", server.stomp_port), timeout=5) for _ in range(2)]
        # Accepted in their order: the answers show that the first four are in.
        for connection in held[:2]:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            assert connection.recv(65536)
        for connection in held[2:]:
            connection.sendall(b"CONNECT\naccept-version:1.2\npasscode:x\n\n\0")
        for port in (server.port, server.stomp_port):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                try:
                    assert connection.recv(65536) == b""
                except ConnectionResetError:
                    pass
        for connection in held:
            connection.close()

        def is_admitted():
            try:
                return server.rest.get("/healthz").status == 200
            except (http.client.RemoteDisconnected, ConnectionResetError):
                return False

        until(is_admitted, "there is room again")


# STOMP


@pytest.fixture
def connect(server):
    """Opens sessions of one person."""
    mina = join(server)
    opened = []

    def open_session(over):
        wire = WebSocket(server.websocket_url) if over == "websocket" else TCP(server.stomp_port)
        client = Stomp(wire)
        opened.append(client)
        assert client.connect(mina.token).command == "CONNECTED"
        return client

    yield open_session
    for client in opened:
        client.close()


@pytest.mark.parametrize("over", ["tcp", "websocket"])
@pytest.mark.parametrize("headers, body", [
    ({}, b"x" * 1025),
    ({"content-length": 1025}, b"x" * 1025),
    ({f"h{number}": "x" for number in range(8)}, b""),
    ({"h": "x" * 1025}, b""),
], ids=["body", "announced body", "headers", "header line"])
def test_a_frame_beyond_a_limit_is_too_large(connect, over, headers, body):
    client = connect(over)
    client.send_frame("SEND", {"destination": "/pub/chat/message/1", **headers}, body)
    assert client.error().headers["message"] == "too-large"
    assert client.wire.close_code == (1009 if over == "websocket" else None)


def test_a_websocket_message_beyond_its_limit_is_too_large(connect):
    """Compressed it is small; it is too large once it is inflated."""
    client = connect("websocket")
    client.wire.send(b"\n" * 100_000)
    assert client.error().headers["message"] == "too-large"
    assert client.wire.close_code == 1009


@pytest.mark.parametrize("over", ["tcp", "websocket"])
def test_subscriptions_beyond_their_number_are_too_large(server, connect, over):
    client = connect(over)
    client.subscribe("/user/queue/errors", id="errors")
    room = join(server, "Host").make_room()
    for number in (1, 2):
        assert client.subscribe(f"/sub/chat/{room}", id=str(number)).command == "RECEIPT"
    assert client.subscribe(f"/sub/chat/{room}", id="3").headers["code"] == "too-large"


def test_logins_to_one_account_beyond_their_number_are_too_fast(server):
    mina = join(server)
    guess = {"email": mina.email, "password": "wrong horse"}
    # She has signed in once already.
    assert [server.rest.post("/api/user/login", guess).status for _ in range(2)] == [401, 401]
    refused = server.rest.post("/api/user/login", guess)
    assert refused.error == (429, "R006") and int(refused.headers["retry-after"]) > 0
    with Stomp(WebSocket(server.websocket_url)) as client:
        client.connect(login=mina.email, passcode=mina.password)
        assert client.waiting == [] and client.end() == 1013
    assert server.rest.post(
        "/api/user/login", {"email": "other@example.org", "password": "x"}).status == 401


# What the program says of its limits


def described_in_readme():
    """The README's settings and their defaults."""
    rows = re.findall(r"^\| `--([a-z0-9-]+)` \| ([^|]+) \|", (ROOT / "README.md").read_text(), re.M)
    return {name: default.strip() for name, default in rows}


def test_readme_help_and_check_config_tell_the_same():
    shown = {}
    for line in petnexus("check-config").stdout.splitlines():
        if words := re.match(r"([a-z0-9-]+)\s+(.*?)\s*default$", line):
            shown[words[1]] = words[2]
    readme = described_in_readme()
    assert sorted(readme) == sorted(shown)
    help_text = petnexus("serve", "--help").stdout
    for name, value in shown.items():
        assert re.search(rf"--{name}\b", help_text), name
        if name.endswith(("-max", "-timeout")):
            assert readme[name] == value
            entry = help_text[help_text.index(f"--{name} "):].split("\n  --")[0]
            assert value in entry, name
