"""Clients that take their time: every one of them is cut off at its deadline, with its code."""

import selectors

from conftest import BODY_BYTES_MAX, MESSAGE_BYTES_MAX, OUTBOX_BYTES_MAX
from harness import raw
from harness.waiting import until

POST = (
    b"POST /api/user/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n")
CRAWLERS_EACH = 8
PIECE_SECONDS = 0.05
# So few that none of them becomes too large, however late the deadline is noticed.
PIECES_MAX = 60


def pings():
    return raw.frame(b"are you there?", raw.PING)


# What is sent at once, what is then sent piece by piece for ever, and what must come of it.
HTTP = {
    "a request line": (b"GET /", b"y", 408),
    "empty lines": (b"\r\n", b"", None),
    "headers": (b"GET / HTTP/1.1\r\nHost: a\r\n", b"X: y\r\n", 408),
    "a header": (b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"y", 408),
    "a body": (POST + b"Content-Length: 10000\r\n\r\n", b"y", 408),
    "chunks": (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\ny\r\n", 408),
    "a chunk": (POST + b"Transfer-Encoding: chunked\r\n\r\n2710\r\n", b"y", 408),
    "trailers": (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n", 408),
    "a handshake": (b"GET /stomp/chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n", b"X: y\r\n", 408),
    "nothing": (b"", b"", None),
}
WEBSOCKET = {
    "nothing": (b"", b""),
    "pings": (b"", pings()),
    "a frame's head": (b"\x81", b""),
    "a frame": (raw.frame(b"CONNECT\n", announced=10_000), b"x"),
    "fragments": (raw.frame(b"CONNECT\n", final=False), raw.frame(b"x", raw.CONTINUATION, final=False)),
    "empty fragments": (raw.frame(b"", final=False), raw.frame(b"", raw.CONTINUATION, final=False)),
    "a STOMP frame in many messages": (raw.frame(b"CONNECT\n"), raw.frame(b"x")),
    "heart-beats": (b"", raw.frame(b"\n")),
}
STOMP = {
    "nothing": (b"", b""),
    "heart-beats": (b"", b"\n"),
    "a command": (b"", b""),
    "a header": (b"CONNECT\nx:", b"y"),
    "headers": (b"CONNECT\n", b"x:y\n"),
}


def test_whoever_dawdles_before_it_is_known_is_cut_off_with_its_code(fort):
    """All of them at once, and each of them many times."""
    with fort.attacked():
        crawlers = []
        for _ in range(CRAWLERS_EACH):
            for name, (start, piece, status) in HTTP.items():
                crawlers.append(Crawler("HTTP", name, raw.dial(fort.port), start, piece, status))
            for name, (start, piece) in WEBSOCKET.items():
                connection = raw.dial_websocket(fort.port)
                crawlers.append(Crawler("WebSocket", name, connection, start, piece))
            for name, (start, piece) in STOMP.items():
                crawlers.append(Crawler("STOMP", name, raw.dial(fort.stomp_port), start, piece))
        crawl(crawlers)
        for crawler in crawlers:
            crawler.judge()


def crawl(crawlers):
    """Lets all of them drip until the server has closed each."""
    selector = selectors.DefaultSelector()
    for crawler in crawlers:
        crawler.connection.setblocking(False)
        selector.register(crawler.connection, selectors.EVENT_READ, crawler)

    def has_ended():
        for key, _ in selector.select(PIECE_SECONDS):
            if not key.data.listen():
                selector.unregister(key.fileobj)
                key.fileobj.close()
        for key in list(selector.get_map().values()):
            key.data.drip()
        return not selector.get_map()

    until(has_ended, "every one is cut off", 60)


class Crawler:
    """Sends its start at once, and then its piece again and again."""

    def __init__(self, protocol, name, connection, start, piece, status=None):
        self.connection = connection
        self._name = f"{protocol}, {name}"
        self._is_http = protocol == "HTTP"
        self._is_websocket = protocol == "WebSocket"
        self._piece = piece
        self._pieces_left = PIECES_MAX
        self._status = status
        self._answer = b""
        connection.sendall(start)

    def drip(self):
        self._pieces_left -= 1
        if self._pieces_left < 0:
            return
        try:
            self.connection.send(self._piece)
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            pass  # It is being cut off.

    def listen(self):
        """Reads; whether the connection is still open."""
        try:
            data = self.connection.recv(65536)
        except ConnectionResetError:
            return False
        self._answer += data
        return bool(data)

    def judge(self):
        """It got what is documented, and not more."""
        context = f"{self._name}: {self._answer[-300:]}"
        if self._is_http:
            assert raw.status(self._answer) == self._status, context
            return
        assert raw.refusal(self._answer) == "bad-frame", context
        if self._is_websocket:
            assert raw.close_code(self._answer) == 1002, context


def test_bodies_that_are_never_finished_cost_what_a_body_may_have(fort):
    count = 150
    with fort.attacked(holding=count * 2 * BODY_BYTES_MAX):
        connections = []
        for _ in range(count):
            connections.append(raw.dial(fort.port))
            connections[-1].sendall(POST + b"Content-Length: %d\r\n\r\n" % BODY_BYTES_MAX)
            raw.send_all(connections[-1], b"x" * (BODY_BYTES_MAX - 1))
        for connection in connections:
            assert raw.status(raw.rest_of(connection)) == 408
            connection.close()


def test_frames_that_are_never_finished_cost_what_a_message_may_have(fort):
    """By clients that have signed in: nothing but their silence ends them."""
    count = 50
    head = b"SEND\ndestination:/topic/never\n"
    part = head + b"\n" + b"x" * (MESSAGE_BYTES_MAX - 1)
    shapes = [
        lambda: raw.frame(part, announced=len(part) + 1),
        lambda: raw.frame(part, final=False),
        lambda: raw.frame(raw.deflated(part), final=False, compressed=True),
        lambda: raw.frame(part),
        lambda: part,
    ]
    with fort.attacked(holding=count * len(shapes) * 4 * MESSAGE_BYTES_MAX):
        held = []
        for shape in shapes:
            for _ in range(count):
                if shape is shapes[-1]:
                    connection = raw.dial(fort.stomp_port)
                    connection.sendall(raw.connect(fort.mallory))
                else:
                    connection = raw.dial_websocket(fort.port, deflate=True)
                    connection.sendall(raw.frame(raw.connect(fort.mallory)))
                raw.read_until(connection, b"CONNECTED")
                connection.sendall(shape())
                held.append(connection)
        # Over WebSockets the server asks whether they live, and closes those that say nothing.
        for connection in held[:-count]:
            assert raw.refusal(raw.rest_of(connection)) is None
        for connection in held:
            connection.close()


def test_an_answer_that_is_taken_a_byte_at_a_time_costs_one_answer(fort):
    """The next requests of the same client wait for it."""
    room = fort.mallory.make_room()
    text = "x" * (MESSAGE_BYTES_MAX - 1024)
    for _ in range(20):
        fort.mallory.rest.post(f"/api/openchat/room/{room}/message", {"message": text})
    answer_bytes = 20 * MESSAGE_BYTES_MAX
    request = (
        f"GET /api/openchat/room/{room}?limit=100 HTTP/1.1\r\nHost: a\r\n"
        f"Authorization: Bearer {fort.mallory.token}\r\n\r\n").encode()
    count = 60
    with fort.attacked(holding=count * (3 * answer_bytes + OUTBOX_BYTES_MAX)):
        readers = [raw.dial(fort.port, receive_bytes=4096) for _ in range(count)]
        for reader in readers:
            reader.sendall(request * 20)
        for reader in readers:
            assert reader.recv(1) == b"H"
        for reader in readers:
            reader.close()
