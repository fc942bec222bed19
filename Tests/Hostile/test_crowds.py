"""More of everybody than a node takes: connections, subscriptions, rooms."""

import socket

import pytest

from conftest import MEBIBYTE, Fort
from harness import raw
from harness.stomp_client import TCP, Stomp
from harness.waiting import until
from test_silence import sign_in

CONNECTIONS_MAX = 600
PER_ADDRESS_MAX = 200
SUBSCRIPTIONS_MAX = 256


@pytest.fixture(scope="module")
def small_fort(tmp_path_factory):
    """A node that takes few connections, and is patient with those it has."""
    with Fort(
            tmp_path_factory.mktemp("data"), connections_max=CONNECTIONS_MAX,
            connections_per_address_max=PER_ADDRESS_MAX, handshake_timeout="1m",
            publishes_per_second_max=100) as node:
        yield node


def is_refused(connection):
    """Whether the server has closed it without a word."""
    if not raw.has_news(connection):
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except ConnectionResetError:
        return True


def test_an_address_has_its_share_and_a_node_is_full_only_for_newcomers(small_fort):
    """Who is inside is served; whoever leaves makes room for another."""
    with small_fort.attacked(holding=CONNECTIONS_MAX * 4096):
        outside = {}
        for source in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
            crowd = [raw.dial(small_fort.port, source=source) for _ in range(PER_ADDRESS_MAX + 20)]
            outside[source] = crowd
        for source, crowd in outside.items():
            # All of them idle for now: the refused are closed at once, the others stay.
            wanted = PER_ADDRESS_MAX if source != "127.0.0.4" else None
            until(lambda: settled(crowd, wanted), f"{source} has its share")
        small_fort.witness.check()
        inside = sum(not is_refused(each) for crowd in outside.values() for each in crowd)
        # The people's own connections count, too.
        assert CONNECTIONS_MAX - 20 <= inside <= CONNECTIONS_MAX
        held = next(each for each in outside["127.0.0.2"] if not is_refused(each))
        held.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert raw.status(raw.rest_of(held)) == 200
        held.close()
        until(lambda: answers(small_fort, "127.0.0.2"), "a place is free again")
        for crowd in outside.values():
            for connection in crowd:
                connection.close()


def settled(crowd, wanted):
    """Whether those beyond the share are closed, and no others."""
    inside = sum(not is_refused(each) for each in crowd)
    return inside == wanted if wanted else inside < len(crowd)


def answers(fort, source):
    """Whether a newcomer is let in."""
    with raw.dial(fort.port, source=source) as connection:
        raw.send_all(connection, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return raw.status(raw.rest_of(connection)) == 200


def test_who_publishes_more_than_a_user_may_is_told_so_and_when_to_go_on(small_fort):
    """Each session of the flooder; whoever listens for errors stays, the others are ended."""
    send = raw.stomp("SEND", b"loud", destination="/topic/loud", receipt="r")
    with small_fort.attacked():
        connections = [sign_in(small_fort, False) for _ in range(4)]
        for connection in connections:
            raw.send_all(connection, send * 1_000)
        for connection in connections:
            answer = raw.rest_of(connection)
            assert raw.refusal(answer) == "too-fast"
            assert b"\nretry-after-ms:" in answer
            connection.close()
        listener = sign_in(small_fort, False)
        listener.sendall(raw.stomp("SUBSCRIBE", id="e", destination="/user/queue/errors"))
        listener.sendall(send * 1_000 + raw.stomp("DISCONNECT", receipt="bye"))
        answer = raw.rest_of(listener)
        assert answer.count(b"code:too-fast\n") + answer.count(b"RECEIPT\n") == 1_001
        assert answer.count(b"code:too-fast\n") > 500
        listener.close()


def fill(connection, destinations):
    """Makes all subscriptions of a session and waits until they hold."""
    frames = [
        raw.stomp("SUBSCRIBE", id=number, destination=destination)
        for number, destination in enumerate(destinations)]
    connection.sendall(b"".join(frames))


def test_as_many_subscriptions_as_sessions_may_have_cost_little_each(fort):
    """Sessions × subscriptions, to shared topics and to topics of their own."""
    sessions = 64
    subscriptions = sessions * SUBSCRIPTIONS_MAX
    with fort.attacked(holding=subscriptions * 3 * 1024):
        crowd = []
        for session in range(sessions):
            connection = sign_in(fort, False)
            own = session % 4 == 0
            fill(connection, [
                f"/topic/own/{session}/{number}" if own else f"/topic/shared/{number}"
                for number in range(SUBSCRIPTIONS_MAX - 1)])
            connection.sendall(raw.stomp(
                "SUBSCRIBE", id="last", destination="/topic/last", receipt="last"))
            crowd.append(connection)
        for connection in crowd:
            assert b"ERROR" not in raw.read_until(connection, b"receipt-id:last\n")
        # One message reaches each of them once.
        writer = sign_in(fort, False)
        writer.sendall(raw.stomp("SEND", b"here", destination="/topic/last"))
        for connection in crowd:
            assert raw.read_until(connection, b"here\0").count(b"MESSAGE\n") == 1
        for connection in [*crowd, writer]:
            connection.close()


def test_one_session_cannot_multiply_a_rooms_messages(fort):
    """Of 256 subscriptions no more than a few may be to one destination."""
    connection = sign_in(fort, False)
    fill(connection, [f"/sub/chat/{fort.room}"] * 9)
    answer = raw.rest_of(connection)
    assert raw.refusal(answer) == "too-large"
    connection.close()


def test_a_node_has_only_so_many_rooms_open(tmp_path):
    """Beyond them the newcomer is refused; open rooms go on."""
    with Fort(tmp_path / "data", rooms_max=500) as fort:
        with fort.attacked(holding=16 * MEBIBYTE):
            crowd = [sign_in(fort, False) for _ in range(3)]
            for number, connection in enumerate(crowd):
                fill(connection, [f"/topic/{number}/{each}" for each in range(SUBSCRIPTIONS_MAX - 1)])
            # 765 are wanted: at least one of the sessions asked for too many.
            codes = []
            for connection in crowd:
                connection.sendall(raw.stomp("DISCONNECT", receipt="bye"))
                codes.append(raw.refusal(raw.rest_of(connection)))
                connection.close()
            assert "too-fast" in codes


def test_whoever_types_on_and_off_without_end_is_held_to_what_a_user_may_send(small_fort):
    """Others in the room hear of it as often, and not more."""
    said = [b'{"typing":true}', b'{"typing":false}']
    count = 1_000
    flips = b"".join(
        raw.stomp("SEND", said[number % 2], receipt="t",
                  destination=f"/pub/chat/typing/{small_fort.room}")
        for number in range(count))
    with small_fort.attacked():
        with Stomp(TCP(small_fort.stomp_port)) as member:
            member.connect(small_fort.jun.token)
            member.subscribe(f"/sub/events/{small_fort.room}")
            typist = sign_in(small_fort, False)
            typist.sendall(raw.stomp("SUBSCRIBE", id="e", destination="/user/queue/errors"))
            typist.sendall(flips + raw.stomp("DISCONNECT", receipt="bye"))
            answer = raw.rest_of(typist)
            refused = answer.count(b"code:too-fast\n")
            assert refused > count / 2
            assert refused + answer.count(b"RECEIPT\n") == count + 1
            typist.close()
            # What was said later comes later: all of the typist's are there then.
            member.ask("SEND", {"destination": f"/pub/chat/typing/{small_fort.room}"})
            member.wait(
                lambda frame: frame.command == "MESSAGE" and b'"Jun"' in frame.body
                and b"typing" in frame.body, "one's own typing")
            heard = [each for each in member.waiting if b"Mallory" in each.body]
            assert len(heard) <= count - refused + 1
