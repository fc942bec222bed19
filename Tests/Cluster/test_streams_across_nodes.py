"""Event streams that go on at another node, and what reaches them from there."""

import threading

import pytest

from harness.cluster import SECRET, Cluster
from harness.event_stream import READERS, Follower, Listener, Refused
from harness.people import join
from harness.program import petnexus

# The promise is one second; the rest is for a busy machine.
AUTHORITY_MAX_S = 5.0


def path(room):
    return f"/api/openchat/room/{room}/stream"


def say(node, person, room, text):
    answer = node.rest.bearing(person.token).post(
        f"/api/openchat/room/{room}/message", {"message": text})
    assert answer.status == 201, answer.body


@pytest.mark.parametrize("reader", READERS)
def test_each_client_resumes_exactly_at_another_node(cluster, reader):
    mina = join(cluster.nodes[0], "Mina")
    room = mina.make_room()
    count = 60

    def write(node):
        for number in range(count):
            say(node, mina, room, f"{node.name} {number}")

    addresses = [f"{node.url}{path(room)}" for node in cluster.nodes]
    with Follower(addresses, mina.token, reader) as follower:
        follower.wait_for_beginning()
        writers = [threading.Thread(target=write, args=(node,)) for node in cluster.nodes]
        for writer in writers:
            writer.start()
        for reached in range(10, len(writers) * count, 10):
            follower.wait_for(reached)
            follower.resume()
        for writer in writers:
            writer.join()
        follower.wait_for(len(writers) * count)
        assert follower.messages == mina.history(room)
        assert set(follower.resumes) == {"complete"}
        assert len(follower.resumes) > len(addresses)


def test_a_client_of_a_node_that_is_killed_goes_on_at_the_others(redis):
    with Cluster([redis.url]) as cluster:
        first, second, third = cluster.nodes
        mina = join(second, "Mina")
        room = mina.make_room()
        addresses = [f"{node.url}{path(room)}" for node in cluster.nodes]
        with Follower(addresses, mina.token, "httpx-sse") as follower:
            follower.wait_for_beginning()
            for number in range(20):
                say(second, mina, room, str(number))
            follower.wait_for(20)
            first.kill()
            for number in range(20, 40):
                say(third, mina, room, str(number))
            follower.wait_for(40)
            assert [each["message"] for each in follower.messages] == list(map(str, range(40)))
            assert set(follower.resumes) == {"complete"}


def test_a_ticket_is_good_at_every_node_and_only_once(cluster):
    first, second, third = cluster.nodes
    mina = join(first, "Mina")
    room = mina.make_room()
    ticket = mina.rest.post("/api/stream-tickets").json["ticket"]
    with Listener(f"{second.url}{path(room)}?ticket={ticket}") as stream:
        assert stream.next().name == "connected"
        assert stream.headers["x-petnexus-node"] == second.name
    for node in (first, second, third):
        with pytest.raises(Refused) as refused:
            Listener(f"{node.url}{path(room)}?ticket={ticket}")
        assert refused.value.error == (401, "TK002")


def test_who_may_no_more_hears_nothing_more_at_any_node(cluster, redis):
    first = cluster.nodes[0]
    mina, jo, sam = (join(first, name) for name in ("Mina", "Jo", "Sam"))
    room = mina.make_room()
    streams = {
        person.name: [
            Listener(f"{node.url}{path(room)}", person.token) for node in cluster.nodes]
        for person in (mina, jo, sam)}
    for stream in sum(streams.values(), []):
        stream.next("live")
    assert mina.rest.post(f"/api/openchat/{room}/kick", {"userId": jo.id}).status == 200
    for stream in streams["Jo"]:
        assert stream.rest(AUTHORITY_MAX_S)[-1].json["code"] == "forbidden"
    result = petnexus(
        "user", "disable", sam.email, "--redis", redis.url,
        settings={"PETNEXUS_JWT_SECRET": SECRET.decode()})
    assert result.returncode == 0, result.stderr
    for stream in streams["Sam"]:
        assert stream.rest(AUTHORITY_MAX_S)[-1].json["code"] == "revoked"
    for node in cluster.nodes:
        say(node, mina, room, node.name)
    for stream in streams["Mina"]:
        heard = [stream.next("message").json["message"] for _ in cluster.nodes]
        assert heard == [node.name for node in cluster.nodes]
        stream.close()
