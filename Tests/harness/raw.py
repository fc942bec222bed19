"""Bytes as no well-behaved client would send them, and the little that is needed to read the answer."""

import base64
import os
import re
import select
import socket
import struct
import time
import zlib

# Longer than anything takes, on a machine that does much else.
PATIENCE = 60.0
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def dial(port, receive_bytes=None, source="127.0.0.1"):
    """A plain connection; with `receive_bytes` the kernel holds about so many for the client."""
    connection = socket.socket()
    if receive_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.settimeout(PATIENCE)
    connection.bind((source, 0))
    connection.connect(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def upgrade_request(deflate=False):
    """The handshake of a WebSocket."""
    lines = [
        "GET /stomp/chat HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: v12.stomp",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
    ]
    if deflate:
        lines.append("Sec-WebSocket-Extensions: permessage-deflate")
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def dial_websocket(port, deflate=False, **options):
    """A connection that has become a WebSocket."""
    connection = dial(port, **options)
    connection.sendall(upgrade_request(deflate))
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    assert head.startswith(b"HTTP/1.1 101 "), head
    assert (b"permessage-deflate" in head) == deflate, head
    return connection


def frame(payload=b"", opcode=TEXT, final=True, compressed=False, masked=True, announced=None):
    """A WebSocket frame; `announced` is the length that its head claims instead of the true one."""
    first = (0x80 if final else 0) | (0x40 if compressed else 0) | opcode
    size = len(payload) if announced is None else announced
    mask = 0x80 if masked else 0
    if size < 126:
        head = struct.pack("!BB", first, mask | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", first, mask | 126, size)
    else:
        head = struct.pack("!BBQ", first, mask | 127, size)
    # A key of zeros is a key, and spares the masking.
    return head + (bytes(4) if masked else b"") + payload


def deflated(payload):
    """A payload as permessage-deflate sends it."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def stomp(command, body=b"", **headers):
    """A STOMP frame; an underscore in a header's name stands for a hyphen."""
    lines = [command, *(f"{name.replace('_', '-')}:{value}" for name, value in headers.items())]
    return "\n".join(lines).encode() + b"\n\n" + body + b"\0"


def connect(person, **headers):
    """The frame that signs somebody in."""
    return stomp("CONNECT", accept_version="1.2", host="a", passcode=person.token, **headers)


def send_all(connection, data):
    """Sends as much as the other side takes before it closes; whether it took all."""
    try:
        connection.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def rest_of(connection):
    """Everything that comes until the other side closes, which it must."""
    data = bytearray()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            return bytes(data)
        except TimeoutError:
            break
        if not piece:
            return bytes(data)
        data += piece
    raise AssertionError(f"the connection stays open; so far came {bytes(data[-500:])}")


def has_news(connection):
    """Whether something has come, or the end."""
    return bool(select.select([connection], [], [], 0)[0])


def read_until(connection, mark):
    """What comes up to the first `mark`, which must come."""
    data = bytearray()
    while mark not in data[-65536 - len(mark):]:
        piece = connection.recv(65536)
        assert piece, f"closed before {mark}: {bytes(data[-500:])}"
        data += piece
    return bytes(data)


def refusal(data):
    """The code of the last ERROR in what a server sent over TCP or a WebSocket; None without."""
    found = re.findall(rb"ERROR\n(?:[a-z-]+:[^\n]*\n)*?message:([a-z-]+)\n", data)
    return found[-1].decode() if found else None


def close_code(data):
    """The code of the close frame that ends what a WebSocket server sent; None without."""
    if len(data) < 4 or data[-4] != 0x88 or data[-3] != 2:
        return None
    return struct.unpack("!H", data[-2:])[0]


def status(data):
    """The status of the first HTTP response; None where there is none."""
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", data)
    return int(found[1]) if found else None


def vanish(connection):
    """Closes with a reset instead of a goodbye."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def positions(data):
    """The offsets of the MESSAGEs that came, in their order."""
    return [
        int(offset) for offset in re.findall(rb"MESSAGE\n(?:[a-z-]+:[^\n]*\n)*?position:[^\n]*\\c(\d+)\n", data)]


def wait_for(connection, wants_to_write):
    """Waits until there is something to read, or, where wanted, room to write."""
    writing = [connection] if wants_to_write else []
    readable, writable, _ = select.select([connection], writing, [], PATIENCE)
    assert readable or writable, "nothing happens any more"


def statuses(data):
    """The statuses of several responses in a row."""
    return [int(each) for each in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)]
