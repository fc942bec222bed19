"""What one user may publish, how many rooms a node opens, and what all clients together may cost."""

import contextlib
import itertools
import json
import select
import socket
import sqlite3

import pytest

from harness.people import MANY_LOGINS, NO_RATE, join
from harness.process import usage_of
from harness.program import Server
from harness.stomp_client import TCP, Stomp, WebSocket
from harness.waiting import until


@contextlib.contextmanager
def node(path, *flags):
    """A node, and somebody with an account on it."""
    with Server(path / "data", *MANY_LOGINS, *flags) as server:
        yield server, join(server)


def publish_until_refused(client, room):
    """Publishes without waiting for receipts; answers with how many messages were stored and with
    the refusal."""
    client.subscribe("/user/queue/errors", id="errors")
    body = b'{"message": "quick"}'
    for number in range(50):
        client.send_frame(
            "SEND", {"destination": f"/pub/chat/message/{room}", "receipt": f"p{number}"}, body)
    answers = [
        client.wait(lambda frame, end=f"p{number}": frame.headers.get("receipt-id") == end, "answer")
        for number in range(50)]
    refused = [each for each in answers if each.command == "MESSAGE"]
    assert {each.headers["code"] for each in refused} <= {"too-fast"}
    return len(answers) - len(refused), refused[-1] if refused else None


# Publishes per second


def test_a_user_who_publishes_too_fast_is_told_when_to_go_on(tmp_path):
    with node(tmp_path, "--publishes-per-second-max", "5") as (server, mina):
        room = mina.make_room()
        with Stomp(WebSocket(server.websocket_url)) as client:
            client.connect(mina.token)
            stored, refused = publish_until_refused(client, room)
            assert 10 <= stored < 50
            wait_ms = int(refused.headers["retry-after-ms"])
            assert 0 < wait_ms <= 200
            assert len(mina.history(room)) == stored
            until(lambda: client.say(room, "later").command == "RECEIPT", "she may publish again")


def test_sessions_and_requests_of_a_user_share_what_they_may_publish(tmp_path):
    # So slow that nothing comes back while the test runs.
    with node(tmp_path, "--publishes-per-second-max", "1") as (server, mina):
        room = mina.make_room()
        jun = join(server, "Jun")
        messages = f"/api/openchat/room/{room}/message"
        with Stomp(WebSocket(server.websocket_url)) as first, \
                Stomp(TCP(server.stomp_port)) as second:
            first.connect(mina.token)
            second.connect(mina.token)
            answers = [first.say(room, "1"), second.say(room, "2"), second.say(room, "3")]
            refused = next(each for each in answers if each.command != "RECEIPT")
            assert refused.headers["message"] == "too-fast"
            assert 0 < int(refused.headers["retry-after-ms"]) <= 1000
        statuses = []
        while 429 not in statuses:
            answer = mina.rest.post(messages, {"message": "over REST"})
            statuses.append(answer.status)
        assert answer.error == (429, "R006") and int(answer.headers["retry-after"]) == 1
        assert jun.rest.post(messages, {"message": "somebody else"}).status == 201


def test_who_does_not_listen_for_errors_is_sent_away_for_publishing_too_fast(tmp_path):
    with node(tmp_path, "--publishes-per-second-max", "1") as (server, mina):
        room = mina.make_room()
        with Stomp(WebSocket(server.websocket_url)) as client:
            client.connect(mina.token)
            for number in range(5):
                client.send_frame(
                    "SEND", {"destination": f"/pub/chat/message/{room}"}, b'{"message": "x"}')
            assert client.error().headers["message"] == "too-fast"
            assert client.wire.close_code == 1013


def test_each_message_of_a_transaction_counts(tmp_path):
    with node(tmp_path, "--publishes-per-second-max", "5") as (server, mina):
        room = mina.make_room()
        with Stomp(TCP(server.stomp_port)) as client:
            client.connect(mina.token)
            client.subscribe("/user/queue/errors", id="errors")
            for name in ("a", "b"):
                client.send_frame("BEGIN", {"transaction": name})
                for number in range(9):
                    client.send_frame(
                        "SEND",
                        {"destination": f"/pub/chat/message/{room}", "transaction": name},
                        json.dumps({"message": f"{name}{number}"}).encode())
            assert client.ask("COMMIT", {"transaction": "a"}).command == "RECEIPT"
            refused = client.ask("COMMIT", {"transaction": "b"})
            assert refused.headers["code"] == "too-fast"
            assert len(mina.history(room)) == 9
            # It is still there, and goes through once it may.
            until(
                lambda: client.ask("COMMIT", {"transaction": "b"}).command == "RECEIPT",
                "the second transaction is committed")
            assert len(mina.history(room)) == 18


def test_0_lets_a_user_publish_without_bound(tmp_path):
    with node(tmp_path, *NO_RATE) as (server, mina):
        room = mina.make_room()
        with Stomp(TCP(server.stomp_port)) as client:
            client.connect(mina.token)
            for batch in range(10):
                assert publish_until_refused(client, room) == (50, None)
                client.ask("UNSUBSCRIBE", {"id": "errors"})


# Rooms


def test_no_more_rooms_open_than_may(tmp_path):
    with node(tmp_path, "--rooms-max", "2", "--open-topics") as (server, mina):
        with Stomp(WebSocket(server.websocket_url)) as client:
            client.connect(mina.token)
            client.subscribe("/user/queue/errors", id="errors")
            for number in (1, 2):
                assert client.subscribe(f"/topic/{number}", id=str(number)).command == "RECEIPT"
            refused = client.subscribe("/topic/3", id="3")
            assert refused.headers["code"] == "too-fast"
            assert int(refused.headers["retry-after-ms"]) > 0
            assert client.ask("SEND", {"destination": "/topic/4"}).headers["code"] == "too-fast"
            assert client.ask("SEND", {"destination": "/topic/1"}).command == "RECEIPT"
        room = mina.make_room()
        answer = mina.rest.post(f"/api/openchat/room/{room}/message", {"message": "x"})
        assert answer.error == (429, "R006") and int(answer.headers["retry-after"]) > 0
        # Reading needs no room.
        assert mina.history(room) == []


# All clients together


def test_requests_that_are_too_much_together_are_refused(tmp_path):
    with node(
            tmp_path, "--outbox-total-bytes-max", "4MiB", "--handshake-timeout", "1m") as (server, _):
        before = usage_of(server.pid).resident_bytes
        head = b"POST /api/user/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
        crowd = []
        for _ in range(40):
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            connection.sendall(head)
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"x" * 900_000)
            crowd.append(connection)
        # Some were sent away, and there is room for others.
        assert server.rest.get("/healthz").status == 200
        def ended():
            return select.select(crowd, [], [], 0)[0]

        until(lambda: len(ended()) >= 30, "most of them were sent away", seconds=60)
        answers = []
        for connection in ended():
            with contextlib.suppress(ConnectionError):
                answers.append(connection.recv(65536))
        refused = [answer for answer in answers if answer]
        assert refused and all(answer.startswith(b"HTTP/1.1 503 ") for answer in refused)
        assert all(b"retry-after: 1\r\n" in answer.lower() for answer in refused)
        assert usage_of(server.pid).resident_bytes - before < 32 * 1024 * 1024
        for connection in crowd:
            connection.close()


@pytest.mark.parametrize("over", ["tcp", "websocket"])
def test_clients_that_never_read_cost_a_bounded_amount_together(tmp_path, over):
    """Each of them alone might let ten mebibytes wait, and so may all together."""
    flags = ("--outbox-bytes-max", "10MiB", "--outbox-total-bytes-max", "10MiB", *NO_RATE)
    with node(tmp_path, *flags) as (server, mina):
        room = mina.make_room()
        with contextlib.ExitStack() as stack:
            stuck = []
            for _ in range(8):
                wire = TCP(server.stomp_port, receive_bytes=4096) if over == "tcp" else \
                    WebSocket(server.websocket_url, compression=None, max_queue=1)
                client = stack.enter_context(Stomp(wire))
                client.connect(mina.token)
                client.subscribe(f"/sub/chat/{room}")
                stuck.append(client)
            writer = stack.enter_context(Stomp(TCP(server.stomp_port)))
            writer.connect(mina.token)
            before = usage_of(server.pid).resident_bytes
            for number in range(400):
                assert writer.say(room, "x" * 30_000).offset == number + 1
            assert usage_of(server.pid).resident_bytes - before < 64 * 1024 * 1024
            for client in stuck:
                error = client.wait(lambda frame: frame.command == "ERROR", "the end")
                assert error.headers["message"] == "too-slow"
                offsets = [frame.offset for frame in client.waiting]
                assert offsets == list(range(1, len(offsets) + 1))
                assert client.end() == (4008 if over == "websocket" else None)


# The window of unfinished publishes


def test_a_session_is_not_read_while_its_publishes_wait_for_the_store(tmp_path):
    with node(tmp_path, "--unacknowledged-max", "8", *NO_RATE) as (server, mina):
        room = mina.make_room()
        body = json.dumps({"message": "x" * 30_000}).encode()
        frame = f"SEND\ndestination:/pub/chat/message/{room}\nreceipt:r\n\n".encode() + body + b"\0"
        with Stomp(TCP(server.stomp_port)) as client:
            client.connect(mina.token)
            client.say(room, "before")
            store = sqlite3.connect(server.data / "petnexus.db", isolation_level=None)
            store.execute("BEGIN IMMEDIATE")
            before = usage_of(server.pid).resident_bytes
            sent = b""
            count = 0
            connection = client.wire._socket
            connection.settimeout(0.3)
            try:
                for count in itertools.count(1):
                    sent = frame
                    while sent:
                        sent = sent[connection.send(sent):]
            except TimeoutError:
                pass
            # The rest waits in the kernel's buffers.
            assert 8 < count < 2_000
            assert usage_of(server.pid).resident_bytes - before < 16 * 1024 * 1024
            store.execute("ROLLBACK")
            store.close()
            connection.settimeout(10)
            connection.sendall(sent)
            for _ in range(count):
                client.wait(lambda frame: frame.command == "RECEIPT", "a receipt")
        assert len(mina.history(room)) == count + 1


def test_a_connection_whose_peer_is_gone_without_a_word_is_closed(tmp_path):
    """It answers no ping, as a telephone that lost its network."""
    with Server(tmp_path / "data", "--idle-timeout", "1s") as server:
        request = (
            "GET /stomp/chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(request.encode())
            said = b""
            while data := connection.recv(65536):
                said += data
            head, _, frames = said.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101 ")
            assert frames == b"\x89\x00"
