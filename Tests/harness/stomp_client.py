"""A STOMP client that says exactly what a test tells it to, over TCP or a WebSocket: 1.2, unless a
test connects otherwise."""

import itertools
import json
import re
import socket
import time
from dataclasses import dataclass

import websockets.sync.client
from websockets.exceptions import ConnectionClosed

PATIENCE = 10.0


@dataclass
class Frame:
    """A frame the server sent. The first of repeated headers counts."""

    command: str
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        """What a chat message says."""
        return self.json["message"]

    @property
    def offset(self):
        return int(self.headers["position"].partition(":")[2])


class Ended(Exception):
    """The server has closed the connection."""


class TCP:
    """Bytes over plain TCP; with `receive_bytes` the kernel holds about so many for the client."""

    def __init__(self, port, receive_bytes=None, host="127.0.0.1"):
        self._socket = socket.socket()
        if receive_bytes:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self._socket.settimeout(PATIENCE)
        self._socket.connect((host, port))
        self.close_code = None

    def send(self, data):
        self._socket.sendall(data)

    def receive(self, seconds):
        """What came; nothing where nothing came in time."""
        self._socket.settimeout(seconds)
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            return b""
        except ConnectionResetError:
            raise Ended from None
        if not data:
            raise Ended
        return data

    def close(self):
        try:
            # Wakes a thread that waits to receive, too.
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # The server was first.
        self._socket.close()


class WebSocket:
    """Bytes in the messages of a WebSocket."""

    def __init__(self, url, **options):
        options = {"subprotocols": ["v12.stomp"], "proxy": None, **options}
        self._socket = websockets.sync.client.connect(url, **options)
        self.subprotocol = self._socket.subprotocol
        self.close_code = None

    def send(self, data):
        self._socket.send(data, text=is_text(data))

    def receive(self, seconds):
        """As of `TCP`."""
        try:
            message = self._socket.recv(timeout=seconds)
        except TimeoutError:
            return b""
        except ConnectionClosed as closed:
            self.close_code = closed.rcvd.code if closed.rcvd else None
            raise Ended from None
        return message.encode() if isinstance(message, str) else message

    def close(self):
        self._socket.close()


def is_text(data):
    """Whether a WebSocket may carry the bytes in a text message."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class Stomp:
    """One connection. As a context it is closed in the end."""

    def __init__(self, wire):
        self.wire = wire
        self.version = None
        self.heart_beats = 0
        self._buffer = b""
        self._inbox = []
        self._receipts = itertools.count(1)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()

    def close(self):
        self.wire.close()

    # Sending

    def send_frame(self, command, headers=None, body=b""):
        """Sends one frame."""
        self.wire.send(encoded(command, headers, body, self.version))

    def ask(self, command, headers=None, body=b""):
        """Sends a frame with a receipt asked for, and answers with what answers it: the RECEIPT, a
        MESSAGE of the error queue, or an ERROR."""
        receipt = f"r{next(self._receipts)}"
        self.send_frame(command, {**(headers or {}), "receipt": receipt}, body)
        return self.wait(
            lambda frame: frame.headers.get("receipt-id") == receipt or frame.command == "ERROR",
            f"an answer to {command}")

    def connect(self, token=None, **headers):
        """Signs in; answers with CONNECTED or ERROR."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.send_frame("CONNECT", {"accept-version": "1.2", "host": "localhost", **headers})
        answer = self.wait(lambda frame: frame.command in ("CONNECTED", "ERROR"), "CONNECTED")
        self.version = answer.headers.get("version")
        return answer

    def subscribe(self, destination, id="s", **headers):
        """Subscribes and answers with what answers it; messages of the replay wait to be read."""
        return self.ask("SUBSCRIBE", {"id": id, "destination": destination, **headers})

    def say(self, room, text, **headers):
        """Writes in a chat room, and answers with what answers it."""
        body = json.dumps({"message": text}).encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("SEND", {"destination": f"/pub/chat/message/{room}", **headers}, body)

    # Receiving

    def wait(self, wanted, what, seconds=PATIENCE):
        """The first frame that is `wanted`; those before it keep waiting to be read."""
        deadline = time.monotonic() + seconds
        checked = 0
        while True:
            for index in range(checked, len(self._inbox)):
                if wanted(self._inbox[index]):
                    return self._inbox.pop(index)
            checked = len(self._inbox)
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"not within {seconds:g} s: {what}; waiting: {self._inbox}")
            try:
                self._take(self.wire.receive(left))
            except Ended:
                raise AssertionError(f"closed before {what}; waiting: {self._inbox}") from None

    def message(self, subscription="s"):
        """The next message of a subscription."""
        return self.wait(
            lambda frame: frame.command == "MESSAGE"
            and frame.headers["subscription"] == subscription, "a message")

    def messages(self, count, subscription="s"):
        """The next messages of a subscription."""
        return [self.message(subscription) for _ in range(count)]

    def error(self):
        """The ERROR that ends the session; the connection must end after it."""
        frame = self.wait(lambda frame: frame.command == "ERROR", "ERROR")
        self.end()
        return frame

    def end(self, seconds=PATIENCE):
        """Waits for the connection's end; answers with the WebSocket's close code."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                self._take(self.wire.receive(left))
            except Ended:
                return self.wire.close_code
        raise AssertionError(f"the connection did not end within {seconds:g} s")

    @property
    def waiting(self):
        """The frames that came and were not asked for yet."""
        return list(self._inbox)

    def _take(self, data):
        self._buffer += data
        while self._buffer:
            if self._buffer[:1] == b"\n":
                self.heart_beats += 1
                self._buffer = self._buffer[1:]
                continue
            frame, length = parsed(self._buffer)
            if frame is None:
                return
            self._inbox.append(frame)
            self._buffer = self._buffer[length:]


def encoded(command, headers=None, body=b"", version="1.2"):
    """The bytes of a frame, as a version writes it."""
    escape = str if command == "CONNECT" or version == "1.0" else escaped
    lines = [f"{escape(name)}:{escape(value)}" for name, value in (headers or {}).items()]
    return "\n".join([command, *lines]).encode() + b"\n\n" + body + b"\0"


def parsed(data):
    """The frame at the start of `data` and its length; (None, 0) where it is not whole yet."""
    head, separator, rest = data.partition(b"\n\n")
    if not separator:
        return None, 0
    command, *lines = head.decode().split("\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        if command != "CONNECTED":
            name, value = unescaped(name), unescaped(value)
        headers.setdefault(name, value)
    if "content-length" in headers:
        size = int(headers["content-length"])
        if len(rest) <= size:
            return None, 0
        assert rest[size:size + 1] == b"\0", "no NUL after the body"
    else:
        size = rest.find(b"\0")
        if size < 0:
            return None, 0
    return Frame(command, headers, rest[:size]), len(head) + 2 + size + 1


ESCAPES = {"\\": "\\\\", "\r": "\\r", "\n": "\\n", ":": "\\c"}


def escaped(text):
    """A header's name or value as STOMP 1.2 writes it."""
    return "".join(ESCAPES.get(character, character) for character in str(text))


def unescaped(text):
    """The reverse."""
    reverse = {written: plain for plain, written in ESCAPES.items()}
    return re.sub(r"\\.", lambda found: reverse[found[0]], text)
