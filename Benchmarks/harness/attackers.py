"""Attackers of one class, in a process of their own: they say "ready" and go on until it is ended.

Everything they do, they do as fast as the time that their process is given allows.
"""

import argparse
import http.client
import importlib.util
import json
import os
import pathlib
import random
import selectors
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def _load_raw():
    """The bytes of the tests' attackers."""
    place = ROOT / "Tests" / "harness" / "raw.py"
    found = importlib.util.spec_from_file_location("raw", place)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


raw = _load_raw()
# Not the honest clients' address: what is counted per address is counted apart.
SOURCE = "127.0.0.66"
TOPIC = "/topic/honest/{}"


class Target:
    """The server, and Mallory's account there."""

    def __init__(self, port, rooms):
        self.port = port
        self.rooms = rooms
        self.token = None

    def sign_up(self):
        who = {"email": "mallory@example.org", "password": "a password like others"}
        self._post("/api/user/signup", who)
        self.token = self._post("/api/user/login", who)["accessToken"]

    def _post(self, path, body):
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=30, source_address=(SOURCE, 0))
        connection.request(
            "POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status in (200, 201), answer.read()
        return json.loads(answer.read())

    def dial(self, **options):
        return raw.dial(self.port, source=SOURCE, **options)

    def websocket(self, deflate=False, **options):
        return raw.dial_websocket(self.port, deflate=deflate, source=SOURCE, **options)

    def session(self, *frames, **options):
        """A WebSocket of Mallory's that has sent these STOMP frames."""
        connection = self.websocket(**options)
        connection.sendall(raw.frame(raw.connect(self)))
        raw.read_until(connection, b"CONNECTED")
        for each in frames:
            connection.sendall(raw.frame(each))
        return connection

    def memberships(self):
        """Frames that make a session a member of all honest rooms."""
        return [
            raw.stomp("SUBSCRIBE", id=f"m{room}", destination=TOPIC.format(room))
            for room in range(self.rooms + 1)]


def flood(opening, chunk, count):
    """Connections that send the chunk again and again, read what comes, and come back."""
    selector = selectors.DefaultSelector()

    def reopen():
        connection = opening()
        connection.setblocking(False)
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        selector.register(connection, both, [memoryview(chunk)])

    for _ in range(count):
        reopen()
    yield
    while True:
        for key, events in selector.select(1):
            connection, rest = key.fileobj, key.data
            try:
                if events & selectors.EVENT_READ and not connection.recv(65536):
                    raise ConnectionResetError
                if events & selectors.EVENT_WRITE:
                    rest[0] = rest[0][connection.send(rest[0]):] or memoryview(chunk)
            except BlockingIOError:
                continue
            except OSError:
                selector.unregister(connection)
                connection.close()
                reopen()
        yield


def opened_again(opening, count, use, pause_seconds=0.0):
    """Connections that are used now and then, and opened again where the server closed them."""
    held = [opening() for _ in range(count)]
    yield
    while True:
        for index, connection in enumerate(held):
            try:
                use(connection)
            except BlockingIOError:
                continue
            except OSError:
                connection.close()
                held[index] = opening()
        time.sleep(pause_seconds)
        yield


def never_reading(target):
    """Members of every honest room: half never read, half a byte at a time."""
    def opening():
        return target.session(*target.memberships(), receive_bytes=4096)

    def use(connection):
        if connection.fileno() % 2 and raw.has_news(connection) and not connection.recv(1):
            raise ConnectionResetError

    return opened_again(opening, 40, use, 0.05)


def slowloris(target):
    """Heads, bodies, handshakes and frames that never become whole."""
    shapes = [
        b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
        b"POST /api/user/login HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
        raw.upgrade_request()[:-2],
        raw.upgrade_request() + raw.frame(b"CONNECT\n", announced=10_000),
    ]

    def opening():
        connection = target.dial()
        connection.sendall(random.choice(shapes))
        return connection

    return opened_again(opening, 800, lambda each: each.send(b"y"), 0.1)


def pings(target):
    return flood(target.session, raw.frame(b"?", raw.PING) * 5_000, 8)


def fragments(target):
    chunk = raw.frame(b"", final=False) + raw.frame(b"", raw.CONTINUATION, final=False) * 5_000
    return flood(target.session, chunk + raw.frame(b"\n", raw.CONTINUATION), 8)


def bombs(target):
    """A hundred bytes on the wire, sixty thousand heart-beats each."""
    bomb = raw.frame(raw.deflated(b"\n" * 60_000), compressed=True)
    return flood(lambda: target.session(deflate=True), bomb * 300, 8)


def pipelining(target):
    return flood(target.dial, b"GET /api/nothing HTTP/1.1\r\nHost: a\r\n\r\n" * 500, 8)


def receipts(target):
    return flood(target.session, raw.frame(raw.stomp("ACK", id="x", receipt="r")) * 1_000, 8)


def publishing(target):
    """Far more than one may, by somebody who listens for the refusals."""
    errors = raw.stomp("SUBSCRIBE", id="e", destination="/user/queue/errors")
    send = raw.frame(raw.stomp("SEND", b"x" * 1_000, destination="/topic/loud"))
    loud = raw.stomp("SUBSCRIBE", id="l", destination="/topic/loud")
    return flood(lambda: target.session(errors, loud), send * 200, 8)


def subscribing(target):
    """In and out of the rooms of the others."""
    pairs = b"".join(
        raw.frame(raw.stomp("SUBSCRIBE", id=f"s{room}", destination=TOPIC.format(room)))
        + raw.frame(raw.stomp("UNSUBSCRIBE", id=f"s{room}"))
        for room in range(target.rooms + 1))
    return flood(target.session, pairs * 5, 8)


def connecting(target):
    """Sessions that begin and vanish."""
    def open_and_vanish():
        connection = target.session(*target.memberships()[:4])
        raw.vanish(connection)

    return again(open_and_vanish)


def again(act):
    yield
    while True:
        act()
        yield


def logins(target):
    body = b'{"email":"mallory@example.org","password":"a wrong guess"}'
    head = (
        b"POST /api/user/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body))
    return flood(target.dial, (head + body) * 50, 8)


def garbage(target):
    chance = random.Random(4)
    starts = [b"", raw.upgrade_request(), b"POST / HTTP/1.1\r\nHost: a\r\n"]

    def noise():
        connection = target.dial()
        raw.send_all(connection, chance.choice(starts) + chance.randbytes(2_000))
        raw.vanish(connection)

    return again(noise)


def crowd(target):
    """Two hundred sessions with as many subscriptions as they may have, to topics of their own."""
    for session in range(200):
        held.append(target.session(*(
            raw.stomp("SUBSCRIBE", id=each, destination=f"/topic/{session}/{each}")
            for each in range(250))))
    yield
    while True:
        time.sleep(1)
        yield


held = []
CLASSES = {
    each.__name__.replace("_", "-"): each
    for each in (
        never_reading, slowloris, pings, fragments, bombs, pipelining, receipts, publishing,
        subscribing, connecting, logins, garbage, crowd)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=CLASSES)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rooms", type=int, required=True)
    options = parser.parse_args()
    parent = os.getppid()
    target = Target(options.port, options.rooms)
    target.sign_up()
    attack = CLASSES[options.kind](target)
    next(attack)
    print("ready", flush=True)
    # Nobody attacks on when who asked for it is gone.
    while os.getppid() == parent:
        next(attack)


if __name__ == "__main__":
    main()
