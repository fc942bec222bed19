"""STOMP sessions: who gets in, what is refused and how, and what ends a session."""

import json
import time

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server, add_user
from harness.stomp_client import TCP, Stomp, WebSocket
from harness.tokens import mint

SECRET = b"a secret of thirty-two bytes....."


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A node that shares its key with another backend."""
    data = tmp_path_factory.mktemp("data") / "data"
    add_user(data, "sam", "correct horse")
    with Server(
            data, *MANY_LOGINS, "--handshake-timeout", "300ms", "--subscriptions-max", "4",
            settings={"PETNEXUS_JWT_SECRET": SECRET.decode()}) as node:
        yield node


# Getting in


@pytest.mark.parametrize("over", ["websocket", "tcp"])
def test_a_token_gets_in(dial, mina, over):
    client = dial(over=over)
    connected = client.connect(mina.token)
    assert connected.headers["version"] == "1.2"
    assert connected.headers["user-name"] == str(mina.id)
    assert connected.headers["heart-beat"] == "10000,10000"
    assert connected.headers["session"] and connected.headers["server"]


@pytest.mark.parametrize("headers", [
    {"Authorization": "Bearer {}"}, {"Authorization": "{}"}, {"Authorization": "Bearer%20{}"},
    {"Authorization": "Bearer+{}"}, {"authorization": "Bearer {}"}, {"passcode": "{}"},
], ids=str)
def test_a_token_is_found_where_clients_put_it(dial, mina, headers):
    headers = {name: value.format(mina.token) for name, value in headers.items()}
    assert dial().connect(**headers).command == "CONNECTED"


@pytest.mark.parametrize("over", ["websocket", "tcp"])
def test_a_password_gets_in(dial, mina, over):
    assert dial(over=over).connect(login=mina.email, passcode=mina.password).command == "CONNECTED"
    assert dial(over=over).connect(login="sam", passcode="correct horse").command == "CONNECTED"


@pytest.mark.parametrize("headers, code, close_code", [
    ({}, "bad-credentials", 4001),
    ({"login": "sam"}, "bad-credentials", 4001),
    ({"login": "sam", "passcode": "wrong horse"}, "bad-credentials", 4001),
    ({"login": "nobody", "passcode": "correct horse"}, "bad-credentials", 4001),
    ({"Authorization": "Bearer nonsense"}, "bad-credentials", 4001),
    ({"Authorization": "Bearer " + mint(b"x" * 32)}, "bad-credentials", 4001),
    ({"passcode": mint(SECRET, header={"alg": "none"})}, "bad-credentials", 4001),
    ({"passcode": mint(SECRET, lifetime=-31)}, "token-expired", 4002),
    ({"passcode": mint(SECRET, iss="petnexus", sub="999999")}, "revoked", 4002),
], ids=lambda value: str(value)[:40])
def test_who_cannot_show_who_they_are_stays_outside(dial, headers, code, close_code):
    client = dial()
    refused = client.connect(**headers)
    assert (refused.command, refused.headers["message"]) == ("ERROR", code)
    assert client.end() == close_code


def test_a_token_that_was_logged_out_is_revoked(server, dial):
    person = join(server)
    assert person.rest.post("/api/user/logout").status == 200
    client = dial()
    assert client.connect(person.token).headers["message"] == "revoked"
    assert client.end() == 4002


def test_guessing_passwords_over_stomp_is_slowed_down(dial):
    for _ in range(10):
        client = dial(over="tcp")
        wrong = client.connect(login="victim", passcode="wrong horse")
        assert wrong.headers["message"] == "bad-credentials"
    client = dial()
    refused = client.connect(login="victim", passcode="wrong horse")
    assert refused.headers["message"] == "too-fast"
    assert int(refused.headers["retry-after-ms"]) > 0
    assert client.end() == 1013


@pytest.mark.parametrize("accept, version", [
    (None, None), ("1.0", None), ("1.1", "1.1"), ("1.0,1.1,1.2", "1.2"), ("1.1,3.0", "1.1"),
])
def test_versions_are_negotiated(dial, mina, accept, version):
    client = dial(over="tcp")
    headers = {"accept-version": accept} if accept else {}
    client.send_frame("CONNECT", {**headers, "Authorization": f"Bearer {mina.token}"})
    connected = client.wait(lambda frame: True, "CONNECTED")
    assert connected.command == "CONNECTED"
    assert connected.headers.get("version", "1.0") == (version or "1.0")


def test_a_version_that_nobody_speaks_is_refused(dial, mina):
    client = dial()
    client.send_frame("CONNECT", {"accept-version": "3.0", "passcode": mina.token})
    assert client.error().headers["message"] == "bad-frame"


def test_the_websocket_subprotocol_is_the_newest_that_both_speak(server):
    for offered, chosen in [
            (["v10.stomp", "v11.stomp", "v12.stomp"], "v12.stomp"),
            (["v11.stomp", "mqtt"], "v11.stomp"), (["mqtt"], None), (None, None)]:
        wire = WebSocket(server.websocket_url, subprotocols=offered)
        assert wire.subprotocol == chosen
        wire.close()


def test_a_client_that_never_introduces_itself_is_sent_away(dial):
    silent = dial()
    assert silent.error().headers["message"] == "bad-frame"
    dial(over="tcp").error()


# Frames that are refused


def not_connected(client, person):
    pass


def connected(client, person):
    assert client.connect(person.token).command == "CONNECTED"


SEND = b"SEND\ndestination:/pub/chat/message/1\n"
SUBSCRIBE = b"SUBSCRIBE\nid:1\ndestination:/sub/chat/1\n"


@pytest.mark.parametrize("prepare, data", [
    pytest.param(not_connected, SEND + b"\n{}\0", id="SEND before CONNECT"),
    pytest.param(not_connected, SUBSCRIBE + b"\n\0", id="SUBSCRIBE before CONNECT"),
    pytest.param(not_connected, b"NONSENSE\n\n\0", id="unknown command"),
    pytest.param(not_connected, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", id="HTTP"),
    pytest.param(
        not_connected, b"CONNECT\naccept-version:1.2\nheart-beat:x\npasscode:y\n\n\0",
        id="bad heart-beat"),
    pytest.param(connected, b"CONNECT\naccept-version:1.2\n\n\0", id="CONNECT twice"),
    pytest.param(connected, b"MESSAGE\n\n\0", id="a server's command"),
    pytest.param(connected, b"NONSENSE\n\n\0", id="unknown command when connected"),
    pytest.param(connected, b"SEND\n\n{}\0", id="SEND without destination"),
    pytest.param(connected, b"SEND\nno colon\n\n{}\0", id="header without colon"),
    pytest.param(connected, b"SEND\n:empty\n\n{}\0", id="header without name"),
    pytest.param(connected, b"SEND\ndestination:\\t\n\n\0", id="unknown escape"),
    pytest.param(connected, b"SEND\ndestination:\xff\n\n\0", id="no UTF-8"),
    pytest.param(connected, b"SEND\0", id="NUL in the head"),
    pytest.param(connected, SEND + b"content-length:x\n\n\0", id="content-length is no number"),
    pytest.param(connected, SEND + b"content-length:1\n\nab\0", id="no NUL after the body"),
    pytest.param(connected, SEND + b"idempotency-key:" + b"k" * 65 + b"\n\n{}\0", id="long key"),
    pytest.param(connected, SEND + b"idempotency-key:\n\n{}\0", id="empty key"),
    pytest.param(connected, b"SUBSCRIBE\nid:1\n\n\0", id="SUBSCRIBE without destination"),
    pytest.param(connected, SUBSCRIBE + b"ack:maybe\n\n\0", id="unknown ack"),
    pytest.param(connected, SUBSCRIBE + b"position:x\n\n\0", id="bad position"),
    pytest.param(connected, SUBSCRIBE + b"history:-1\n\n\0", id="bad history"),
    pytest.param(connected, b"SUBSCRIBE\nid:1\n\nbody\0", id="SUBSCRIBE with a body"),
    pytest.param(connected, b"UNSUBSCRIBE\nid:unknown\n\n\0", id="unknown subscription"),
    pytest.param(connected, b"BEGIN\n\n\0", id="BEGIN without name"),
    pytest.param(connected, b"COMMIT\ntransaction:unknown\n\n\0", id="unknown transaction"),
    pytest.param(connected, b"ABORT\ntransaction:unknown\n\n\0", id="unknown transaction to abort"),
    pytest.param(connected, SEND + b"transaction:unknown\n\n{}\0", id="SEND in an unknown transaction"),
    pytest.param(connected, b"ACK\n\n\0", id="ACK of nothing"),
])
@pytest.mark.parametrize("over", ["websocket", "tcp"])
def test_a_frame_that_breaks_the_protocol_ends_the_session(dial, mina, prepare, data, over):
    client = dial(over=over)
    prepare(client, mina)
    client.wire.send(data)
    error = client.wait(lambda frame: frame.command == "ERROR", "ERROR")
    assert error.headers["message"] == "bad-frame"
    assert error.body and client.end() == (1002 if over == "websocket" else None)


@pytest.mark.parametrize("head, body", [
    pytest.param(SEND, b"x" * 70_000, id="body"),
    pytest.param(SEND + b"content-length:99999999\n", b"", id="announced body"),
    pytest.param(SEND + b"long:" + b"x" * 9_000 + b"\n", b"", id="header"),
    pytest.param(SEND + b"a:b\n" * 100, b"", id="headers"),
])
def test_a_frame_that_is_too_large_ends_the_session(dial, mina, head, body):
    client = dial(mina)
    client.subscribe("/user/queue/errors", id="errors")
    client.wire.send(head + b"\n" + body + b"\0")
    error = client.wait(lambda frame: frame.command == "ERROR", "ERROR")
    assert error.headers["message"] == "too-large"
    assert client.end() == 1009


@pytest.mark.parametrize("command, destination, code", [
    ("SEND", "/pub/chat/message/999999", "no-such-destination"),
    ("SEND", "/pub/chat/message/x", "no-such-destination"),
    ("SEND", "/sub/chat/1", "no-such-destination"),
    ("SEND", "/pub/tradechat/message/1", "no-such-destination"),
    ("SEND", "/user/queue/errors", "no-such-destination"),
    ("SEND", "anything", "no-such-destination"),
    ("SEND", "/topic/", "no-such-destination"),
    ("SEND", "/topic/news", "forbidden"),
    ("SUBSCRIBE", "/sub/chat/999999", "no-such-destination"),
    ("SUBSCRIBE", "/sub/chat/01", "no-such-destination"),
    ("SUBSCRIBE", "/sub/enter/999999", "no-such-destination"),
    ("SUBSCRIBE", "/pub/chat/message/1", "no-such-destination"),
    ("SUBSCRIBE", "/user/queue/secrets", "no-such-destination"),
    ("SUBSCRIBE", "/topic/news", "forbidden"),
])
def test_a_refusal_ends_the_session_unless_it_listens_for_errors(
        dial, mina, room, command, destination, code):
    plain, listening = dial(mina), dial(mina)
    refused = plain.ask(command, {"id": "s", "destination": destination})
    assert (refused.command, refused.headers["message"]) == ("ERROR", code)
    assert refused.headers["receipt-id"] and plain.end() == 1000

    assert listening.subscribe("/user/queue/errors", id="errors").command == "RECEIPT"
    told = listening.ask(command, {"id": "s", "destination": destination})
    assert (told.command, told.headers["code"]) == ("MESSAGE", code)
    assert told.headers["subscription"] == "errors" and told.body
    assert listening.say(room, "still here").command == "RECEIPT"


def test_more_subscriptions_than_allowed_are_refused(dial, mina, room):
    client = dial(mina)
    client.subscribe("/user/queue/errors", id="errors")
    for number in range(3):
        assert client.subscribe(f"/sub/chat/{room}", id=str(number)).command == "RECEIPT"
    assert client.subscribe(f"/sub/chat/{room}", id="3").headers["code"] == "too-large"


def test_a_subscription_id_is_given_once(dial, mina, room):
    client = dial(mina)
    client.subscribe(f"/sub/chat/{room}")
    refused = client.subscribe(f"/sub/chat/{room}")
    assert refused.headers["message"] == "bad-frame"


def test_a_topic_is_used_by_whom_its_token_grants_it(server, dial):
    client = dial()
    client.connect(mint(SECRET, publish=["/topic/news.*"], subscribe=["/topic/**"]))
    client.subscribe("/user/queue/errors", id="errors")
    client.subscribe("/topic/news.pets", id="s")
    sent = {"destination": "/topic/news.pets"}
    assert client.ask("SEND", sent, b"hello").command == "RECEIPT"
    assert client.message().body == b"hello"
    refused = client.ask("SEND", {"destination": "/topic/weather"}, b"rain")
    assert refused.headers["code"] == "forbidden"


# The end of a session


def test_goodbye_is_answered_after_everything_before_it(dial, mina, room):
    client = dial(mina)
    for number in range(5):
        client.send_frame(
            "SEND", {"destination": f"/pub/chat/message/{room}", "receipt": f"m{number}"},
            json.dumps({"message": str(number)}).encode())
    client.send_frame("DISCONNECT", {"receipt": "bye"})
    assert client.end() == 1000
    assert [each.headers["receipt-id"] for each in client.waiting] == [
        "m0", "m1", "m2", "m3", "m4", "bye"]
    assert len(mina.history(room)) == 5


def test_a_session_ends_with_its_token(dial):
    client = dial()
    # Half a minute of clock skew is allowed for: this one ends in one or two seconds.
    client.connect(mint(SECRET, lifetime=-28))
    error = client.wait(lambda frame: frame.command == "ERROR", "the token's end")
    assert error.headers["message"] == "token-expired"
    assert client.end() == 4002


def test_a_session_goes_on_with_a_fresh_token(dial):
    client = dial()
    client.connect(mint(SECRET, lifetime=-28))
    fresh = {"destination": "/pub/session/token", "Authorization": f"Bearer {mint(SECRET)}"}
    assert client.ask("SEND", fresh).command == "RECEIPT"
    with pytest.raises(AssertionError, match="not within"):
        client.wait(lambda frame: frame.command == "ERROR", "the old token's end", seconds=2.5)


@pytest.mark.parametrize("token, code", [
    (lambda: mint(SECRET, sub="99"), "bad-credentials"), (lambda: "nonsense", "bad-credentials"),
    (lambda: mint(SECRET, lifetime=-31), "token-expired"),
], ids=["of somebody else", "nonsense", "expired"])
def test_a_session_does_not_go_on_with_a_bad_token(dial, token, code):
    client = dial()
    client.connect(mint(SECRET))
    fresh = {"destination": "/pub/session/token", "Authorization": f"Bearer {token()}"}
    assert client.ask("SEND", fresh).headers["message"] == code


def test_logging_out_closes_the_sockets_of_the_token(server, dial):
    person, other = join(server), join(server)
    clients, bystander = [dial(person), dial(person, over="tcp")], dial(other)
    started = time.monotonic()
    assert person.rest.post("/api/user/logout").status == 200
    for client in clients:
        error = client.wait(lambda frame: frame.command == "ERROR", "the end")
        assert error.headers["message"] == "revoked"
    assert clients[0].end() == 4002
    assert time.monotonic() - started < 1
    assert bystander.subscribe("/user/queue/errors").command == "RECEIPT"


def test_a_refresh_token_used_twice_closes_the_sockets_of_its_family(server, dial):
    person = join(server)
    client = dial(person)
    headers = {"Cookie": f"refreshToken={person.cookies['refreshToken']}", "Origin": server.url}
    statuses = [server.rest.post("/api/user/token", headers=headers).status for _ in range(2)]
    assert statuses == [200, 401]
    assert client.error().headers["message"] == "revoked"


# Heart-beats


def test_heart_beats_come_when_asked_for_and_a_silent_client_is_left(server, mina):
    with Stomp(TCP(server.stomp_port)) as listener, Stomp(TCP(server.stomp_port)) as silent:
        listener.connect(mina.token, **{"heart-beat": "0,1"})
        silent.connect(mina.token, **{"heart-beat": "1,0"})
        started = time.monotonic()
        with pytest.raises(AssertionError, match="not within"):
            listener.wait(lambda frame: False, "a heart-beat", seconds=11)
        assert listener.heart_beats >= 1
        silent.end(seconds=15)
        assert 15 < time.monotonic() - started < 25
        assert listener.subscribe("/user/queue/errors").command == "RECEIPT"
