"""Authority is current on every node, also on one that was away from Redis meanwhile."""

import time

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server, petnexus
from harness.proxy import Proxy
from harness.redis import Redis
from harness.stomp_client import Stomp, WebSocket
from harness.waiting import until


@pytest.fixture
def redis(tmp_path):
    with Redis(tmp_path) as server:
        yield server


def node(url):
    return Server("/nowhere", "--redis", url, *MANY_LOGINS)


def dial(server, person):
    client = Stomp(WebSocket(server.websocket_url))
    assert client.connect(person.token).command == "CONNECTED"
    return client


def logged(server, words):
    return any(words in line for line in server.log)


def disable(redis, person):
    result = petnexus("user", "disable", person.email, "--redis", redis.url)
    assert result.returncode == 0, result.stderr


def test_sessions_end_on_every_node_within_a_second(redis):
    with node(redis.url) as one, node(redis.url) as two:
        mina, jun = join(one, "Mina"), join(one, "Jun")
        clients = [dial(server, mina) for server in (one, two)]
        bystanders = [dial(server, jun) for server in (one, two)]
        disable(redis, mina)
        began = time.monotonic()
        for client in clients:
            assert client.error().headers["message"] == "revoked"
        assert time.monotonic() - began < 1
        room = jun.make_room()
        for client in bystanders:
            assert client.subscribe(f"/sub/chat/{room}").command == "RECEIPT"


def test_a_kick_at_one_node_ends_the_subscription_at_another(redis):
    with node(redis.url) as one, node(redis.url) as two:
        owner, guest = join(one, "Owner"), join(one, "Guest")
        room = owner.make_room()
        client = dial(two, guest)
        client.subscribe("/user/queue/errors", "errors")
        client.subscribe(f"/sub/chat/{room}")
        kicked = owner.rest.post(f"/api/openchat/{room}/kick", {"userId": guest.id})
        began = time.monotonic()
        assert kicked.status < 300, kicked.body
        ended = client.message("errors")
        assert ended.headers["subscription-destination"] == f"/sub/chat/{room}"
        assert time.monotonic() - began < 1


def test_what_was_decided_during_an_outage_holds_a_second_after_it(redis):
    with Proxy(redis.port) as network, node(f"redis://127.0.0.1:{network.port}") as away:
        mina = join(away, "Mina")
        client = dial(away, mina)
        network.cut()
        until(lambda: logged(away, "error redis-lost"), "the node notices")
        disable(redis, mina)
        network.mend()
        until(lambda: logged(away, "info redis-works-again"), "the node is back")
        back = time.monotonic()
        assert client.error().headers["message"] == "revoked"
        assert time.monotonic() - back < 1


@pytest.mark.parametrize("outage", ["killed", "silent"])
def test_a_node_goes_away_in_order_while_redis_does_not_answer(redis, outage):
    with Proxy(redis.port) as network:
        with node(f"redis://127.0.0.1:{network.port}") as server:
            mina = join(server, "Mina")
            room = mina.make_room()
            client = dial(server, mina)
            client.subscribe(f"/sub/chat/{room}")
            assert client.say(room, "hello").command == "RECEIPT"
            if outage == "killed":
                redis.kill()
            else:
                network.fall_silent()
            until(lambda: logged(server, "error redis-lost"), "the node notices")
            server.terminate()
            began = time.monotonic()
            assert client.error().headers["message"] == "going-away"
            assert server.wait(10) == 0
            assert time.monotonic() - began < 5
            assert logged(server, "info stopped")
