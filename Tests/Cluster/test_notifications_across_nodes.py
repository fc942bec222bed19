"""What people are told is the same on all nodes, wherever they are and whatever node dies."""

import pytest

from harness.cluster import Cluster
from harness.notifications import MESSAGE, Watcher, listed, mark_all_read, told
from harness.people import join
from harness.redis import EVERY_SECOND, Redis
from harness.stomp_client import TCP, Stomp
from harness.waiting import until


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    with Redis(tmp_path_factory.mktemp("redis"), *EVERY_SECOND) as server:
        yield server


@pytest.fixture(scope="module")
def cluster(redis):
    with Cluster([redis.url]) as nodes:
        yield nodes


@pytest.fixture
def author(cluster):
    return join(cluster.nodes[0], "Author")


@pytest.fixture
def reader(cluster):
    return join(cluster.nodes[0], "Reader")


@pytest.fixture
def watch(cluster):
    """Lets a device of somebody's listen at a node."""
    watchers = []

    def begin(node, person, position=None):
        watchers.append(Watcher(node.server, person, position))
        return watchers[-1]

    yield begin
    for each in watchers:
        each.close()


def post_of(person):
    return person.rest.post("/api/post", {"title": "Walks", "content": "?"}).json["id"]


def say(node, person, room):
    sent = node.rest.bearing(person.token).post(
        f"/api/openchat/room/{room}/message", {"message": "hello"})
    assert sent.status == 201, sent.body


def test_devices_on_all_nodes_agree(cluster, author, reader, watch):
    post = post_of(author)
    devices = [watch(node, author) for node in cluster.nodes]
    for node in cluster.nodes:
        rest = node.rest.bearing(reader.token)
        assert rest.post(f"/api/post/{post}/comment", {"content": "Me!"}).status == 201
    for device in devices:
        until(lambda: device.next() and len(device.state.notifications) == 3, "all are told")
    assert mark_all_read(author).status == 200
    for device in devices:
        until(lambda: device.next() and device.state.notifications == told(author), "all are read")
        assert all(each["isRead"] for each in device.state.notifications.values())


def test_a_room_that_is_open_at_another_node_is_not_told(cluster, author, reader, watch):
    first, second, third = cluster.nodes
    open_room, other = author.make_room("open"), author.make_room("other")
    for room in (open_room, other):
        assert reader.rest.post(f"/api/openchat/{room}/join").status == 200
    watcher = watch(first, reader)
    with Stomp(TCP(third.stomp_port)) as client:
        client.connect(reader.token)
        assert client.subscribe(f"/sub/chat/{open_room}").command == "RECEIPT"
        members = f"/api/openchat/{open_room}/members"
        until(lambda: author.rest.get(members).json["count"] == 1, "the reader is there")
        say(second, author, open_room)
        say(second, author, other)
        assert watcher.next()["subject"]["id"] == other
        assert [each["subject"]["id"] for each in told(reader).values()] == [other]


def test_reading_at_another_node_reads_what_was_told(cluster, author, reader, watch):
    first, second, third = cluster.nodes
    room = author.make_room()
    assert reader.rest.post(f"/api/openchat/{room}/join").status == 200
    watcher = watch(first, reader)
    say(second, author, room)
    assert not watcher.next()["isRead"]
    with Stomp(TCP(third.stomp_port)) as client:
        client.connect(reader.token)
        assert client.ask("SEND", {"destination": f"/pub/chat/read/{room}"}).command == "RECEIPT"
    assert watcher.next()["isRead"]


def test_what_was_said_at_a_node_that_died_is_told_by_the_others(cluster, author, reader):
    first, second, _ = cluster.nodes
    room = author.make_room()
    assert reader.rest.post(f"/api/openchat/{room}/join").status == 200
    say(second, author, room)
    second.kill()
    # The others look after rooms whose node is silent for ten seconds.
    until(lambda: listed(reader)["unreadCount"] == 1, "it is told", seconds=40)
    (notification,) = told(reader).values()
    assert (notification["type"], notification["count"]) == (MESSAGE, 1)
    second.start()
