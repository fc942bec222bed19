"""Clients that are gone without a word, and clients that do not take what they are sent."""

import json

from conftest import MESSAGE_BYTES_MAX, OUTBOX_BYTES_MAX
from harness import raw
from harness.proxy import Proxy
from harness.stomp_client import TCP, Stomp
from harness.waiting import until

COUNT = 20


def subscribe(connection, room, is_websocket, count=1):
    """Makes Mallory's connection a member of a room, with as many subscriptions."""
    send = raw.frame if is_websocket else bytes
    frames = [
        raw.stomp("SUBSCRIBE", id=number, destination=f"/sub/chat/{room}", receipt=f"s{number}")
        for number in range(count)]
    connection.sendall(b"".join(map(send, frames)))
    raw.read_until(connection, b"receipt-id:s%d\n" % (count - 1))


def sign_in(fort, is_websocket, **options):
    """A connection of Mallory's."""
    if is_websocket:
        connection = raw.dial_websocket(fort.port, **options)
        connection.sendall(raw.frame(raw.connect(fort.mallory)))
    else:
        connection = raw.dial(fort.stomp_port, **options)
        connection.sendall(raw.connect(fort.mallory))
    raw.read_until(connection, b"CONNECTED")
    return connection


def test_whoever_resets_the_connection_leaves_nothing_behind(fort):
    """At every stage: before a byte, in a request, in a handshake, as a member of a room."""
    stages = [
        lambda: raw.dial(fort.port),
        lambda: raw.dial(fort.stomp_port),
        lambda: begun(raw.dial(fort.port), b"GET /healthz HTTP/1.1\r\nHos"),
        lambda: begun(raw.dial(fort.port), b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 10),
        lambda: begun(raw.dial(fort.port), raw.upgrade_request()[:-5]),
        lambda: raw.dial_websocket(fort.port),
        lambda: begun(raw.dial_websocket(fort.port), raw.frame(raw.connect(fort.mallory))),
        lambda: begun(raw.dial(fort.stomp_port), raw.connect(fort.mallory)),
        lambda: member(fort, True),
        lambda: member(fort, False),
    ]
    with fort.attacked():
        for _ in range(COUNT):
            for stage in stages:
                raw.vanish(stage())


def begun(connection, data):
    connection.sendall(data)
    return connection


def member(fort, is_websocket, **options):
    connection = sign_in(fort, is_websocket, **options)
    subscribe(connection, fort.room, is_websocket)
    return connection


def test_half_open_connections_are_noticed_and_closed(fort):
    """The network falls silent: pings are not answered, requests do not come."""
    descriptors = fort.vitals.descriptors
    with fort.attacked():
        with Proxy(fort.port) as network:
            lost = []
            for _ in range(COUNT):
                websocket = raw.dial_websocket(network.port)
                websocket.sendall(raw.frame(raw.connect(fort.mallory)))
                raw.read_until(websocket, b"CONNECTED")
                subscribe(websocket, fort.room, is_websocket=True)
                keeping_alive = raw.dial(network.port)
                keeping_alive.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                assert raw.status(keeping_alive.recv(4096)) == 200
                lost += [websocket, keeping_alive]
            network.fall_silent()
            until(lambda: fort.vitals.descriptors <= descriptors, "all were noticed", 60)
            for connection in lost:
                connection.close()


def test_members_who_do_not_read_are_left_behind_within_their_bound(fort):
    """They never read, or a byte at a time, while the room is loud; those who read miss nothing."""
    room = fort.mallory.make_room()
    body = json.dumps({"message": "x" * (MESSAGE_BYTES_MAX - 1024)}).encode()
    # More than an outbox and what the kernel holds on both sides.
    message_count = 600
    with fort.attacked(holding=2 * COUNT * (2 * OUTBOX_BYTES_MAX + MESSAGE_BYTES_MAX)):
        never, slowly = [
            [member_of(fort, room, is_websocket, receive_bytes=4096)
             for is_websocket in (True, False) for _ in range(COUNT // 2)] for _ in range(2)]
        with Stomp(TCP(fort.stomp_port)) as reader, Stomp(TCP(fort.stomp_port)) as writer:
            for client in (reader, writer):
                client.connect(fort.mallory.token)
            reader.subscribe(f"/sub/chat/{room}")
            for number in range(1, message_count + 1):
                answer = writer.ask("SEND", {"destination": f"/pub/chat/message/{room}"}, body)
                assert answer.offset == reader.message().offset == number
                for connection in slowly:
                    trickle(connection)
        for connection in slowly:
            judge_left_behind(connection)
        # The others take nothing at all, not even the news; that is not waited for without end.
        held = fort.vitals.descriptors
        until(lambda: fort.vitals.descriptors <= held - len(never), "all are closed", 60)
        for connection in never:
            judge_left_behind(connection)


def member_of(fort, room, is_websocket, **options):
    connection = sign_in(fort, is_websocket, **options)
    subscribe(connection, room, is_websocket)
    return connection


def trickle(connection):
    """Takes a byte, where there is one."""
    if raw.has_news(connection):
        try:
            connection.recv(1)
        except ConnectionResetError:
            pass  # It was left behind.


def judge_left_behind(connection):
    """What it can still read is what was said, whole and in order, up to where it was cut; and why
    it was cut, unless it took too long to take even that."""
    data = raw.rest_of(connection)
    connection.close()
    offsets = raw.positions(data)
    assert offsets == list(range(offsets[0], offsets[-1] + 1))
    assert raw.refusal(data) in (None, "too-slow")
    assert raw.close_code(data) in (None, 4008)


def test_answers_that_are_never_read_cost_a_bounded_amount(fort):
    """Receipts, pongs and errors pile up like messages do."""
    ping = raw.frame(b"x" * 125, raw.PING)
    receipts = b"".join(
        raw.frame(raw.stomp(command, transaction="t", receipt="y" * 1000))
        for command in ("BEGIN", "ABORT"))
    count = COUNT // 4
    with fort.attacked(holding=2 * count * 2 * OUTBOX_BYTES_MAX):
        for flood in (ping, receipts):
            connections = [sign_in(fort, True, receive_bytes=4096) for _ in range(count)]
            for connection in connections:
                connection.settimeout(0.2)
                # Twice what an outbox and both kernels' buffers hold, or until it is cut off.
                pour(connection, flood * (64 * 1024 // len(flood)), pieces=128)
            for connection in connections:
                connection.settimeout(raw.PATIENCE)
                data = raw.rest_of(connection)
                assert raw.refusal(data) in (None, "too-slow")
                connection.close()


def pour(connection, data, pieces):
    """Sends until the other side takes no more."""
    try:
        for _ in range(pieces):
            connection.sendall(data)
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        pass
