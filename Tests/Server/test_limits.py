"""Limits: what one client may cost, and that nobody else pays for it."""

import http.client
import json
import os
import resource
import socket
import time

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server
from harness.rest import exchange
from harness.stomp_client import TCP, Stomp, WebSocket
from harness.waiting import until


def test_a_slow_consumer_is_left_behind_and_delays_nobody(server, mina, jun, room):
    text = "x" * 30_000
    count = 300
    with Stomp(TCP(server.stomp_port, receive_bytes=16 * 1024)) as slow, Stomp(TCP(server.stomp_port)) as quick, \
            Stomp(WebSocket(server.websocket_url)) as writer:
        for client, person in [(slow, jun), (quick, jun), (writer, mina)]:
            client.connect(person.token)
        slow.subscribe(f"/sub/chat/{room}")
        quick.subscribe(f"/sub/chat/{room}")
        before = resident_bytes(server)
        for number in range(1, count + 1):
            assert writer.say(room, text).offset == number
            assert quick.message().offset == number
        # Its outbox may hold a mebibyte; what the node reads and writes meanwhile costs the rest.
        assert resident_bytes(server) - before < 48 * 1024 * 1024

        # What was on its way still arrives, in order; then it hears why.
        error = slow.wait(lambda frame: frame.command == "ERROR", "the end of patience")
        assert error.headers["message"] == "too-slow"
        received = [frame.offset for frame in slow.waiting]
        assert received == list(range(1, len(received) + 1)) and len(received) < count


def test_a_member_far_behind_catches_up_however_large_the_messages_are(server, mina, jun, room):
    """More than an outbox holds is on the way; a client that reads all the time is not slow."""
    count = 400
    with Stomp(WebSocket(server.websocket_url)) as writer:
        writer.connect(mina.token)
        first = writer.say(room, "first").headers["position"]
        for _ in range(count):
            writer.say(room, "x" * 30_000)
    for start in ({"position": first}, {"history": count}):
        with Stomp(TCP(server.stomp_port, receive_bytes=16 * 1024)) as reader:
            reader.connect(jun.token)
            headers = {"id": "s", "destination": f"/sub/chat/{room}", "receipt": "r", **start}
            reader.send_frame("SUBSCRIBE", headers)
            offsets = [frame.offset for frame in reader.messages(count)]
            assert offsets == list(range(2, count + 2))
            receipt = reader.wait(lambda frame: frame.command == "RECEIPT", "the receipt")
            assert receipt.headers["resume"] == "complete"


def resident_bytes(server):
    with open(f"/proc/{server.pid}/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def test_a_request_that_dawdles_is_ended_however_it_drips(tmp_path):
    with Server(tmp_path / "data", "--handshake-timeout", "400ms") as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            started = time.monotonic()
            connection.settimeout(0.05)
            answer = b""
            for byte in b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 200:
                try:
                    connection.sendall(bytes([byte]))
                    if data := connection.recv(1024):
                        answer += data
                        break
                except TimeoutError:
                    continue
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert time.monotonic() - started < 2


def test_a_connection_that_says_nothing_is_closed(tmp_path):
    with Server(tmp_path / "data", "--handshake-timeout", "300ms") as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            assert connection.recv(1024) == b""


def test_more_connections_than_allowed_are_closed_and_room_is_given_back(tmp_path):
    with Server(tmp_path / "data", "--connections-per-address-max", "3") as server:
        held = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=5) for _ in range(3)]
        for connection in held:
            connection.request("GET", "/healthz")
            assert connection.getresponse().read()
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            server.rest.get("/healthz")
        held.pop().close()

        def is_admitted():
            try:
                return server.rest.get("/healthz").status == 200
            except (http.client.RemoteDisconnected, ConnectionResetError):
                return False

        until(is_admitted, "a place is free again")
        for connection in held:
            connection.close()


def test_a_node_without_descriptors_left_recovers(tmp_path):
    with Server(tmp_path / "data", *MANY_LOGINS) as server:
        mina = join(server)
        room = mina.make_room()
        with Stomp(WebSocket(server.websocket_url)) as client:
            client.connect(mina.token)
            used = len(os.listdir(f"/proc/{server.pid}/fd"))
            _, hard = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (used + 4, hard))
            crowd = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
            assert client.say(room, "who is inside stays served").command == "RECEIPT"
            for connection in crowd:
                connection.close()
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (hard, hard))
            assert server.rest.get("/healthz").status == 200


def test_a_client_that_closes_its_sending_side_still_hears_the_answers(server, mina, room):
    frames = [f"CONNECT\naccept-version:1.2\npasscode:{mina.token}\n\n\0"]
    for number in range(3):
        body = json.dumps({"message": str(number)})
        frames.append(
            f"SEND\ndestination:/pub/chat/message/{room}\nreceipt:{number}\n\n{body}\0")
    frames.append("DISCONNECT\nreceipt:bye\n\n\0")
    with socket.create_connection(("127.0.0.1", server.stomp_port), timeout=5) as connection:
        connection.sendall("".join(frames).encode())
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while data := connection.recv(65536):
            answer += data
    assert [line for line in answer.decode().split("\n") if line.startswith("receipt-id:")] == [
        "receipt-id:0", "receipt-id:1", "receipt-id:2", "receipt-id:bye"]


def test_an_http_client_that_closes_its_sending_side_still_gets_its_answer(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while data := connection.recv(65536):
            answer += data
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_the_log_repeats_no_secret(tmp_path):
    with Server(tmp_path / "data", "--log-level", "debug") as server:
        mina = join(server, password="a very secret horse")
        room = mina.make_room()
        mina.rest.post(f"/api/openchat/room/{room}/message", {"message": "between us"})
        with Stomp(TCP(server.stomp_port)) as client:
            client.connect(login=mina.email, passcode="a very secret donkey")
        exchange(server.port, b"GET /?token=" + mina.token.encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    log = "\n".join(server.log)
    for secret in ("horse", "donkey", mina.token, mina.cookies["refreshToken"], "between us"):
        assert secret not in log
