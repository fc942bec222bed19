"""Nodes come and go under their clients, who go on at others."""

from harness.cluster import Cluster
from harness.crowd import Crowd
from harness.people import join
from harness.redis import EVERY_SECOND, Redis
from harness.stomp_client import TCP, Stomp


def test_a_node_that_is_killed_or_drained_takes_nothing_along(tmp_path):
    with Redis(tmp_path / "redis", *EVERY_SECOND) as redis, Cluster([redis.url]) as cluster:
        with Crowd(cluster.nodes) as crowd:
            for node in cluster.nodes:
                crowd.wait_for_more(50)
                node.kill()
                crowd.wait_for_more(50)
                node.start()
            for node in cluster.nodes:
                crowd.wait_for_more(50)
                node.drain()
                crowd.wait_for_more(50)
                node.start()
            crowd.settle()
            assert crowd.check() == 0
            assert crowd.outcome.resets == 0
            assert crowd.outcome.connections_lost >= 12


def test_a_node_hears_nothing_of_rooms_that_nobody_is_in_there(tmp_path):
    def hearers():
        return redis.command("PUBSUB", "NUMSUB", channel)[1]

    with Redis(tmp_path / "redis", *EVERY_SECOND) as redis, Cluster([redis.url]) as cluster:
        first, second, third = cluster.nodes
        mina = join(first, "Mina")
        room = mina.make_room()
        with (Stomp(TCP(first.stomp_port)) as writer, Stomp(TCP(second.stomp_port)) as reader):
            assert writer.connect(mina.token).command == "CONNECTED"
            assert reader.connect(mina.token).command == "CONNECTED"
            assert reader.subscribe(f"/sub/chat/{room}").command == "RECEIPT"
            channel, = (
                each for each in redis.command("PUBSUB", "CHANNELS", "*")
                if f"chat/{room}" in each)
            assert hearers() == 1
            for number in range(20):
                assert writer.say(room, str(number)).command == "RECEIPT"
                assert third.rest.bearing(mina.token).post(
                    f"/api/openchat/room/{room}/message", {"message": "by REST"}).status == 201
                # Only the node that the reader is on.
                assert hearers() == 1
            assert len(reader.messages(40)) == 40
