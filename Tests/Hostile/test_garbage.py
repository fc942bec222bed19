"""Sessions that go wrong at every single byte: the server answers or closes, and lives.

`HOSTILE_SEED=7` replays one choice of mutations; a failure names its seed, session and position.
"""

import json
import os
import random
import selectors
import socket

import pytest

from conftest import BODY_BYTES_MAX
from harness import raw
from harness.waiting import until

SEED = int(os.environ.get("HOSTILE_SEED", "4"))
# Connections under way at a time, and the positions of a long session that are tried.
WINDOW = 64
POSITIONS_MAX = 700


def http_session(fort):
    body = json.dumps({"message": "hello"})
    head = f"Host: a\r\nAuthorization: Bearer {fort.mallory.token}\r\n"
    return (
        f"GET /api/profile HTTP/1.1\r\n{head}Cookie: a=b; c=\"d\"\r\n\r\n"
        f"POST /api/openchat/room/{fort.mallory_room}/message?a=%20b HTTP/1.1\r\n{head}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        f"POST /api/user/login HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2;ext=1\r\n{}\r\n0\r\nTrailer: x\r\n\r\n"
        "HEAD /app.js HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").encode()


def stomp_frames(fort):
    body = json.dumps({"message": "안녕"}).encode()
    return [
        raw.connect(fort.mallory, heart_beat="10000,10000"),
        b"\n\r\n",
        raw.stomp("SUBSCRIBE", id="e", destination="/user/queue/errors", receipt="1"),
        raw.stomp("SUBSCRIBE", id="s", destination=f"/sub/chat/{fort.mallory_room}",
                  history="3", ack="client", receipt="2"),
        raw.stomp("SEND", body, destination=f"/pub/chat/message/{fort.mallory_room}",
                  content_length=len(body), receipt="a\\cb", idempotency_key="k"),
        raw.stomp("BEGIN", transaction="t"),
        raw.stomp("SEND", b"\x01\x02", destination="/topic/a", transaction="t"),
        raw.stomp("COMMIT", transaction="t", receipt="3"),
        raw.stomp("ACK", id="x"),
        raw.stomp("UNSUBSCRIBE", id="s"),
        raw.stomp("DISCONNECT", receipt="4"),
    ]


def stomp_session(fort):
    return b"".join(stomp_frames(fort))


def websocket_session(fort):
    frames = stomp_frames(fort)
    return (
        raw.upgrade_request() + raw.frame(frames[0]) + raw.frame(b"p", raw.PING)
        + raw.frame(frames[3][:20], final=False) + raw.frame(frames[3][20:], raw.CONTINUATION)
        + raw.frame(b"".join(frames[4:])) + raw.frame(b"\x03\xe8bye", raw.CLOSE))


def compressed_session(fort):
    frames = stomp_frames(fort)
    return (
        raw.upgrade_request(deflate=True) + raw.frame(raw.deflated(frames[0]), compressed=True)
        + raw.frame(raw.deflated(b"".join(frames[2:])), compressed=True)
        + raw.frame(b"\x03\xe8", raw.CLOSE))


SESSIONS = {
    "HTTP": (http_session, False),
    "STOMP": (stomp_session, True),
    "WebSocket": (websocket_session, False),
    "compressed WebSocket": (compressed_session, False),
}


def mutated(data, position, chance):
    """The session, wrong from the position on."""
    kind = chance.randrange(7)
    before, after = data[:position], data[position:]
    if kind == 0:
        return before + bytes([after[0] ^ 1 << chance.randrange(8)]) + after[1:]
    if kind == 1:
        return before + bytes([chance.randrange(256)]) + after[1:]
    if kind == 2:
        return before + chance.randbytes(chance.randrange(1, 9)) + after
    if kind == 3:
        return before + after[chance.randrange(1, 9):]
    if kind == 4:
        return before
    if kind == 5:
        return before + after[:chance.randrange(1, 40)] * chance.randrange(2, 50) + after
    return before + chance.choice([b"\0", b"\n", b"\r\n", b"\xff" * 8, b"\x88\x00", b"\x80" * 4]) + after


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_may_break_at_any_byte(fort, name):
    make, is_stomp = SESSIONS[name]
    fort.mallory_room = getattr(fort, "mallory_room", None) or fort.mallory.make_room()
    session = make(fort)
    chance = random.Random(f"{SEED} {name}")
    positions = list(range(len(session)))
    if len(positions) > POSITIONS_MAX:
        positions = sorted(chance.sample(positions, POSITIONS_MAX))
    trials = [(at, mutated(session, at, chance)) for at in positions]
    port = fort.stomp_port if is_stomp else fort.port
    with fort.attacked(holding=WINDOW * 2 * BODY_BYTES_MAX):
        survivors = run(trials, port)
        assert not survivors, f"HOSTILE_SEED={SEED} {name}: stay open at {survivors}"
        # Nothing the mutants did is in anybody's way.
        run([(-1, session)], port)


def run(trials, port):
    """Sends every trial on a connection of its own, some at a time, and closes its sending side;
    answers with the positions of those that the server does not close after that."""
    selector = selectors.DefaultSelector()
    waiting = list(reversed(trials))

    def have_ended():
        while waiting and len(selector.get_map()) < WINDOW:
            position, data = waiting.pop()
            connection = raw.dial(port)
            raw.send_all(connection, data)
            try:
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # The server was faster.
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ, position)
        for key, _ in selector.select(0.05):
            if not has_more(key.fileobj):
                selector.unregister(key.fileobj)
                key.fileobj.close()
        return not waiting and not selector.get_map()

    try:
        until(have_ended, "all are closed", 60)
    except AssertionError:
        return [key.data for key in selector.get_map().values()]
    return []


def has_more(connection):
    try:
        return bool(connection.recv(65536))
    except ConnectionResetError:
        return False


@pytest.mark.parametrize("is_stomp", [True, False], ids=["STOMP port", "HTTP port"])
def test_noise_is_answered_or_closed(fort, is_stomp):
    """Bytes of no protocol: a TLS client's hello, other protocols' greetings, and chance."""
    chance = random.Random(SEED)
    hello = bytes.fromhex("16030100c5010000c10303") + chance.randbytes(32) + bytes(153)
    noises = [
        hello, b"SSH-2.0-OpenSSH_9.2\r\n", b"EHLO example.org\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", b"*1\r\n$4\r\nPING\r\n", b"\0" * 5_000,
        b"\n" * 5_000, b"\r" * 100, b"\xff" * 5_000,
        *(chance.randbytes(chance.randrange(1, 5_000)) for _ in range(200))]
    with fort.attacked():
        survivors = run(list(enumerate(noises)), fort.stomp_port if is_stomp else fort.port)
        assert not survivors, f"HOSTILE_SEED={SEED}: stay open: {survivors}"
