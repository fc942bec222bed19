"""Everything that has a limit, one step beyond it: its code, and the end where the code says so."""

import pytest

from conftest import BODY_BYTES_MAX, MESSAGE_BYTES_MAX
from harness import raw
from harness.stomp_client import TCP, Stomp
from test_silence import sign_in

SUBSCRIPTIONS_MAX = 256
LOGIN = b"POST /api/user/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
CHUNKED = LOGIN + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("request_bytes, status", [
    pytest.param(b"GET /" + b"y" * 9_000 + b" HTTP/1.1\r\n", 414, id="an address"),
    pytest.param(b"G" * 20_000 + b" / HTTP/1.1\r\n", 414, id="a method"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 17_000, 431, id="a header"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"y" * 17_000, 431, id="a header's name"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X:\r\n" * 101, 431, id="many headers"),
    pytest.param(
        LOGIN + b"Content-Length: %d\r\n\r\n" % (BODY_BYTES_MAX + 1), 413, id="a body"),
    pytest.param(LOGIN + b"Content-Length: 1%s\r\n\r\n" % (b"0" * 30), 400, id="a length"),
    pytest.param(CHUNKED + b"%x\r\n" % (BODY_BYTES_MAX + 1), 413, id="a chunk"),
    pytest.param(CHUNKED + b"f" * 16 + b"\r\n", 400, id="a chunk's size"),
    pytest.param(
        CHUNKED + b"1000\r\n%s\r\n" % (b"y" * 0x1000) * 33, 413, id="many chunks"),
    pytest.param(CHUNKED + b"1;" + b"x" * 2_000 + b"\r\ny\r\n", 400, id="a chunk's extension"),
    pytest.param(
        CHUNKED + b"1;xxxxxxxxx\r\ny\r\n" * 200, 400, id="many chunk extensions"),
    pytest.param(CHUNKED + b"0\r\nX: " + b"y" * 5_000 + b"\r\n\r\n", 431, id="a trailer"),
    pytest.param(CHUNKED + b"0\r\n" + b"X:\r\n" * 101 + b"\r\n", 431, id="many trailers"),
])
def test_http_that_is_too_large_ends_with_its_status(fort, request_bytes, status):
    with raw.dial(fort.port) as connection:
        raw.send_all(connection, request_bytes)
        assert raw.status(raw.rest_of(connection)) == status


def subscriptions(count):
    return b"".join(
        raw.stomp("SUBSCRIBE", id=number, destination="/topic/a") for number in range(count))


def held(count, body):
    send = raw.stomp("SEND", body, destination="/topic/a", transaction="t")
    return raw.stomp("BEGIN", transaction="t") + send * count


TOO_LARGE = {
    "a command": (b"S" * 100, "bad-frame"),
    "a header": (b"SEND\nx:" + b"y" * 9_000, "too-large"),
    "a header's name": (b"SEND\n" + b"y" * 9_000, "too-large"),
    "a head": (b"SEND\n" + b"".join(b"x%d:%s\n" % (each, b"y" * 2_000) for each in range(9)), "too-large"),
    "many headers": (b"SEND\n" + b"x:y\n" * 65, "too-large"),
    "an announced body": (
        b"SEND\ndestination:/topic/a\ncontent-length:%d\n\n" % (MESSAGE_BYTES_MAX + 1), "too-large"),
    "an absurd length": (b"SEND\ncontent-length:%s\n\n" % (b"9" * 30), "too-large"),
    "a body": (b"SEND\ndestination:/topic/a\n\n" + b"y" * (MESSAGE_BYTES_MAX + 1), "too-large"),
    "a body where none belongs": (b"UNSUBSCRIBE\nid:1\n\n" + b"y" * 10_000, "bad-frame"),
    "an idempotency key": (
        raw.stomp("SEND", destination="/topic/a", idempotency_key="k" * 65), "bad-frame"),
    "a topic": (
        raw.stomp("SUBSCRIBE", id="1", destination="/topic/" + "a" * 1_000), "no-such-destination"),
    "a topic to send to": (
        raw.stomp("SEND", destination="/topic/" + "a" * 1_000), "no-such-destination"),
    "a room's number": (
        raw.stomp("SUBSCRIBE", id="1", destination="/sub/chat/" + "9" * 30), "no-such-destination"),
    "a subscription's id": (
        raw.stomp("SUBSCRIBE", id="1" * 1_000, destination="/topic/a"), "too-large"),
    "a transaction's name": (raw.stomp("BEGIN", transaction="t" * 1_000), "too-large"),
    "many subscriptions": (subscriptions(SUBSCRIPTIONS_MAX + 1), "too-large"),
    "many transactions": (
        b"".join(raw.stomp("BEGIN", transaction=each) for each in range(9)), "too-large"),
    "many messages in a transaction": (held(65, b"x"), "too-large"),
    "large messages in a transaction": (held(64, b"x" * MESSAGE_BYTES_MAX + b""), None),
    "a position": (
        raw.stomp("SUBSCRIBE", id="1", destination="/topic/a", position="0\\c" + "9" * 40), "bad-frame"),
    "a history": (
        raw.stomp("SUBSCRIBE", id="1", destination="/topic/a", history="9" * 40), "bad-frame"),
    "a chat message": (
        raw.stomp("SEND", b'{"message":"' + b"y" * MESSAGE_BYTES_MAX + b'"}',
                  destination="/pub/chat/message/1"), "too-large"),
}
CLOSE_CODES = {"bad-frame": 1002, "too-large": 1009, "no-such-destination": 1000}


@pytest.mark.parametrize("is_websocket", [True, False], ids=["WebSocket", "TCP"])
def test_stomp_that_is_too_large_ends_with_its_code(fort, is_websocket):
    with fort.attacked():
        for name, (frames, code) in TOO_LARGE.items():
            connection = sign_in(fort, is_websocket)
            data = raw.frame(frames) if len(frames) < MESSAGE_BYTES_MAX else in_frames(frames)
            raw.send_all(connection, data if is_websocket else frames)
            if code is None:
                connection.close()
                continue
            answer = raw.rest_of(connection)
            assert raw.refusal(answer) == code, (name, answer[-300:])
            if is_websocket:
                assert raw.close_code(answer) == CLOSE_CODES[code], name
            connection.close()


def in_frames(data):
    """The same in many WebSocket messages."""
    size = MESSAGE_BYTES_MAX // 2
    return b"".join(raw.frame(data[at:at + size]) for at in range(0, len(data), size))


@pytest.mark.parametrize("data, code", [
    pytest.param(raw.frame(b"", announced=MESSAGE_BYTES_MAX * 3), 1009, id="a message"),
    pytest.param(raw.frame(b"", announced=1 << 62), 1009, id="an absurd message"),
    pytest.param(raw.frame(b"", announced=(1 << 64) - 1), 1002, id="a negative message"),
    pytest.param(raw.frame(b"x" * 126, raw.PING), 1002, id="a ping"),
    pytest.param(raw.frame(b"\x03\xe8" + b"x" * 124, raw.CLOSE), 1002, id="a goodbye"),
    pytest.param(raw.frame(b"x", raw.PING, final=False), 1002, id="a ping in fragments"),
    pytest.param(raw.frame(b"x", raw.CONTINUATION), 1002, id="a fragment of nothing"),
    pytest.param(raw.frame(b"x", final=False) * 2, 1002, id="a message within a message"),
    pytest.param(raw.frame(b"x", masked=False), 1002, id="an unmasked frame"),
    pytest.param(raw.frame(b"x", compressed=True), 1002, id="compression that was not agreed on"),
    pytest.param(raw.frame(b"x", 3), 1002, id="an unknown opcode"),
    pytest.param(raw.frame(b"\xff\xfe"), 1007, id="a text that is none"),
    pytest.param(raw.frame(b"\x03\xec", raw.CLOSE), 1002, id="a code that nobody may send"),
    pytest.param(raw.frame(b"\x03", raw.CLOSE), 1002, id="half a code"),
    pytest.param(raw.frame(b"\x03\xe8\xff", raw.CLOSE), 1007, id="a reason that is no text"),
])
@pytest.mark.parametrize("is_signed_in", [True, False], ids=["signed in", "stranger"])
def test_websocket_frames_against_the_rules_close_with_their_code(fort, is_signed_in, data, code):
    connection = sign_in(fort, True) if is_signed_in else raw.dial_websocket(fort.port)
    connection.sendall(data)
    assert raw.close_code(raw.rest_of(connection)) == code
    connection.close()


def test_rest_that_is_too_large_is_refused_and_the_connection_goes_on(fort):
    rest = fort.mallory.rest
    room = fort.mallory.make_room()
    deep = b"[" * 50_000
    assert rest.post("/api/user/login", deep, {"Content-Type": "application/json"}).status == 400
    wide = b"{" + b",".join(b'"a%d":1' % each for each in range(9_000)) + b"}"
    assert rest.post("/api/user/login", wide, {"Content-Type": "application/json"}).status == 400
    assert rest.post("/api/openchat", {"title": "t" * 10_000}).status == 422
    assert rest.post(f"/api/openchat/room/{room}/message", {"message": "m" * 100_000}).error == (
        413, "C002")
    assert rest.post("/api/openchat", {"title": "t"}, {"Idempotency-Key": "k" * 65}).status == 422
    assert rest.get(f"/api/openchat/room/{room}?limit=99999999999999999999").status == 400
    assert rest.get("/api/openchat?page=9223372036854775807&size=100").status in (200, 400)
    assert rest.get("/api/profile", Authorization="Bearer " + "x" * 8_000).status == 401
    assert rest.bearing(None).get("/api/profile", Cookie="accessToken=" + "x" * 8_000).status == 401
    signup = {"email": "a" * 1_000 + "@example.org", "password": "p" * 50_000, "username": "n" * 1_000}
    assert rest.post("/api/user/signup", signup).status == 422


def test_a_client_that_listens_for_errors_is_told_and_stays(fort):
    with Stomp(TCP(fort.stomp_port)) as client:
        client.connect(fort.mallory.token)
        client.subscribe("/user/queue/errors", id="errors")
        refused = [
            client.subscribe("/topic/" + "a" * 1_000, id="x"),
            client.subscribe("/topic/a", id="i" * 1_000),
            client.ask("BEGIN", {"transaction": "t" * 1_000}),
        ]
        assert [frame.headers["code"] for frame in refused] == [
            "no-such-destination", "too-large", "too-large"]
        assert client.subscribe("/topic/a", id="fine").command == "RECEIPT"
