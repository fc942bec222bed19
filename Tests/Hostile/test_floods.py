"""Too much of everything that is allowed: each flood stays the flooder's own trouble."""

import json
import re
import struct

from conftest import MEBIBYTE, MESSAGE_BYTES_MAX, OUTBOX_BYTES_MAX
from harness import raw
from harness.program import Server
from harness.stomp_client import TCP, Stomp
from test_silence import sign_in


def talk(connection, data, mark, is_websocket=True):
    """Sends all of `data` and answers with what came back up to `mark`, reading meanwhile."""
    received = b""
    connection.setblocking(False)
    view = memoryview(data)
    while mark not in received[-len(mark) - 65536:]:
        raw.wait_for(connection, wants_to_write=bool(view))
        if view:
            try:
                view = view[connection.send(view):]
            except BlockingIOError:
                pass
        try:
            piece = connection.recv(65536)
            assert piece, f"closed before {mark}: {received[-300:]}"
            received += piece
        except BlockingIOError:
            pass
    connection.settimeout(raw.PATIENCE)
    return received


def receipt_frame(number):
    """A SEND that changes nothing but asks for a receipt: everything before it was dealt with."""
    return raw.stomp(
        "SEND", b"{}", destination="/topic/mark", receipt=f"mark{number}")


def test_every_ping_is_answered_in_its_order_however_many_there_are(fort):
    count = 20_000
    pings = b"".join(raw.frame(struct.pack("!I", number), raw.PING) for number in range(count))
    with fort.attacked():
        connection = sign_in(fort, True)
        last = bytes([0x8A, 4]) + struct.pack("!I", count - 1)
        answer = talk(connection, pings, last)
        wanted = b"".join(bytes([0x8A, 4]) + struct.pack("!I", number) for number in range(count))
        assert answer == wanted
        connection.close()


def test_pongs_and_empty_fragments_without_end_cost_nothing(fort):
    fragments = raw.frame(b"", final=False) + raw.frame(b"", raw.CONTINUATION, final=False) * 100_000
    pongs = raw.frame(b"", raw.PONG) * 100_000
    last = raw.frame(receipt_frame(1), raw.CONTINUATION)
    with fort.attacked():
        connection = sign_in(fort, True)
        answer = talk(connection, fragments + pongs + last, b"receipt-id:mark1\n")
        assert raw.refusal(answer) is None
        connection.close()


def test_a_message_in_too_many_fragments_is_refused_where_it_becomes_too_large(fort):
    piece = raw.frame(b"x" * 100, raw.CONTINUATION, final=False)
    with fort.attacked():
        connection = sign_in(fort, True)
        raw.send_all(connection, raw.frame(b"SEND\n", final=False) + piece * 10_000)
        answer = raw.rest_of(connection)
        assert (raw.refusal(answer), raw.close_code(answer)) == ("too-large", 1009)
        connection.close()


def test_a_compression_bomb_is_refused_without_being_inflated(fort):
    zeros = bytes(64 * MEBIBYTE)
    bombs = {
        "a thousand to one": (raw.deflated(zeros), "too-large", 1009),
        "of text": (raw.deflated(b"SEND\n" + b"a" * len(zeros)), "too-large", 1009),
        "nested": (raw.deflated(raw.deflated(zeros)), "too-large", 1009),
        "nested twice": (raw.deflated(raw.deflated(raw.deflated(zeros))), "bad-frame", 1002),
    }
    with fort.attacked():
        for bomb, code, close_code in bombs.values():
            for opcode in (raw.TEXT, raw.BINARY):
                connection = sign_in(fort, True, deflate=True)
                # Where the bomb itself is large, it may be refused before all of it is sent.
                raw.send_all(connection, raw.frame(bomb, opcode, compressed=True))
                answer = raw.rest_of(connection)
                got = (raw.refusal(answer), raw.close_code(answer))
                # Bytes that are no text are found out before they are looked at as STOMP.
                assert got in [(code, close_code), (None, 1007)], got
                connection.close()


def test_bombs_within_the_limit_delay_nobody_else(fort):
    """Each message is a hundred bytes on the wire and thousands of heart-beats inside."""
    bomb = raw.frame(raw.deflated(b"\n" * (MESSAGE_BYTES_MAX + 1024)), compressed=True)
    assert len(bomb) < 200
    last = raw.frame(receipt_frame(1))
    with fort.attacked():
        connection = sign_in(fort, True, deflate=True)
        answer = talk(connection, bomb * 2_000 + last, b"receipt-id:mark1\n")
        assert raw.refusal(answer) is None
        connection.close()


def test_requests_sent_ahead_are_answered_in_their_order_one_at_a_time(fort):
    count = 4_000
    wish = b"GET /api/nothing/%d HTTP/1.1\r\nHost: a\r\n\r\n"
    requests = b"".join(wish % number for number in range(count))
    end = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with fort.attacked():
        connection = raw.dial(fort.port)
        answer = talk(connection, requests + end, b"The process answers.")
        assert answer.count(b"HTTP/1.1 404 ") == count
        assert answer.count(b"HTTP/1.1 ") == count + 1
        connection.close()


def test_acknowledgements_without_end_cost_nothing(fort):
    subscribe = raw.stomp(
        "SUBSCRIBE", id="a", destination=f"/sub/chat/{fort.room}", ack="client-individual")
    with fort.attacked():
        connection = sign_in(fort, False)
        # The others talk: a message to acknowledge comes by itself.
        heard = talk(connection, subscribe, b"\nack:", False)
        while not (found := re.search(rb"\nack:([^\n]+)\n", heard)):
            heard += connection.recv(65536)
        name = found[1].decode()
        frames = raw.stomp("ACK", id=name) * 20_000 + raw.stomp("NACK", id=name) * 20_000
        answer = talk(connection, frames + receipt_frame(1), b"receipt-id:mark1\n", False)
        assert raw.refusal(answer) is None
        connection.close()


def test_subscribing_and_unsubscribing_without_end_leaves_nothing_behind(fort):
    """In the room where people talk: they lose nothing, and history that nobody waits for any more
    is not read without bound."""
    pairs = []
    for number in range(400):
        start = {"history": 1000} if number % 2 else {}
        pairs.append(raw.stomp(
            "SUBSCRIBE", id=number % 7, destination=f"/sub/chat/{fort.room}", **start))
        pairs.append(raw.stomp("UNSUBSCRIBE", id=number % 7))
    with fort.attacked(holding=2 * OUTBOX_BYTES_MAX):
        connections = [sign_in(fort, False), sign_in(fort, False)]
        for connection in connections:
            answer = talk(
                connection, b"".join(pairs) + receipt_frame(1), b"receipt-id:mark1\n", False)
            assert raw.refusal(answer) is None
            connection.close()


def test_transactions_begun_and_aborted_without_end_cost_nothing(fort):
    send = raw.stomp("SEND", b"x" * 1000, destination="/topic/a", transaction="t")
    round_ = raw.stomp("BEGIN", transaction="t") + send * 5 + raw.stomp("ABORT", transaction="t")
    with fort.attacked():
        connection = sign_in(fort, False)
        answer = talk(connection, round_ * 2_000 + receipt_frame(1), b"receipt-id:mark1\n", False)
        assert raw.refusal(answer) is None
        connection.close()


def test_connections_come_and_go_without_end(fort):
    with fort.attacked():
        for _ in range(300):
            raw.dial(fort.port).close()
            raw.dial(fort.stomp_port).close()
            connection = raw.dial_websocket(fort.port)
            connection.sendall(raw.frame(struct.pack("!H", 1000), raw.CLOSE))
            assert raw.close_code(raw.rest_of(connection)) == 1000
            connection.close()
        for _ in range(300):
            with Stomp(TCP(fort.stomp_port)) as client:
                client.connect(fort.mallory.token)
                client.subscribe(f"/sub/chat/{fort.room}")


def test_guessing_passwords_is_slowed_down_and_costs_little(tmp_path):
    """Beyond the address' share nothing is computed; the answer says when to come back."""
    with Server(tmp_path / "data", "--logins-per-minute-max", "5") as server:
        statuses = []
        for number in range(200):
            answer = server.rest.post("/api/user/login", {
                "email": f"somebody{number}@example.org", "password": "a guess"})
            statuses.append(answer.status)
            if answer.status == 429:
                assert int(answer.headers["retry-after"]) >= 1
        # A slow run may see a place given back.
        assert statuses[:5] == [401] * 5 and statuses.count(429) >= 150
        with Stomp(TCP(server.stomp_port)) as client:
            refused = client.connect(login="somebody@example.org", passcode="a guess")
            assert refused.headers["message"] == "too-fast"
            assert int(refused.headers["retry-after-ms"]) >= 1000


def test_publishing_faster_than_the_store_is_held_back_not_piled_up(fort):
    """Without receipts, from several sessions; every message is stored once and in order."""
    count = 1_500
    room = fort.mallory.make_room()
    sends = b"".join(
        raw.stomp("SEND", json.dumps({"message": str(number)}).encode(),
                  destination=f"/pub/chat/message/{room}")
        for number in range(1, count + 1))
    last = raw.stomp("SEND", b'{"message":"end"}', destination=f"/pub/chat/message/{room}",
                     receipt="end")
    with fort.attacked():
        connection = sign_in(fort, False)
        answer = talk(connection, sends + last, b"receipt-id:end\n", False)
        assert raw.refusal(answer) is None
        connection.close()
    said = [each["message"] for each in fort.mallory.history(room)]
    assert said == [*map(str, range(1, count + 1)), "end"]
