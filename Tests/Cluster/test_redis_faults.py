"""Redis is killed, paused, cut off and emptied under nodes whose clients write and read.

Whatever had a receipt is in the log once and in order, and everybody has seen it, or was told that they
have to read anew; whatever had none was refused with a time to try again, or is sent again.
"""

import time
from contextlib import contextmanager

import pytest

from harness.cluster import Cluster, Lights
from harness.crowd import Crowd
from harness.proxy import Proxy
from harness.redis import ALWAYS, EVERY_SECOND, Redis

# The promise is 3 s for each; the rest is for a machine that does much else.
LIGHT_MAX_S = 6.0


@contextmanager
def busy_cluster(redis, urls=None):
    """Three nodes with clients that write and read, and somebody who watches their lights."""
    with Cluster(urls or [redis.url]) as cluster, Lights(cluster.nodes) as lights:
        with Crowd(cluster.nodes) as crowd:
            crowd.wait_for_more(100)
            yield cluster, lights, crowd


def outage(lights, begin, end, seconds=0, nodes=None):
    """Lets something begin, waits for red, stays so for a time, ends it, and waits for green."""
    began = time.monotonic()
    begin()
    red = lights.wait(False, began, LIGHT_MAX_S, nodes)
    # Not a wait for anything: this is how long it is away.
    time.sleep(max(0, began + seconds - time.monotonic()))
    end()
    back = time.monotonic()
    green = lights.wait(True, back, LIGHT_MAX_S, nodes)
    print(f"away for {back - began:.1f} s", f"red after {red:.2f} s",
          f"green after {green:.2f} s")


@pytest.mark.parametrize("file", [ALWAYS, EVERY_SECOND], ids=lambda words: words[-1])
def test_a_redis_that_is_killed_and_comes_back_costs_nothing_that_had_a_receipt(tmp_path, file):
    with Redis(tmp_path / "redis", *file) as redis, busy_cluster(redis) as (_, lights, crowd):
        for _ in range(2):
            outage(lights, redis.kill, redis.start, 1)
            crowd.wait_for_more(100)
        crowd.settle()
        # The file has all that was answered, unless the machine goes down, too.
        assert crowd.check() == 0
        assert crowd.outcome.resets > 0


@pytest.mark.parametrize("seconds", [5, 20])
def test_a_pause_of_redis_is_told_and_over_afterwards(tmp_path, seconds):
    with Redis(tmp_path / "redis", *EVERY_SECOND) as redis, busy_cluster(redis) as (_, lights, crowd):
        outage(lights, redis.pause, redis.resume, seconds)
        assert crowd.outcome.refused > 0 and crowd.outcome.unhelpful == 0
        crowd.wait_for_more(100)
        crowd.settle()
        assert crowd.check() == 0
        # It is the same life of the same data: nobody has to read anew.
        assert crowd.outcome.resets == 0


def test_connections_that_are_cut_are_made_anew_and_nobody_misses_anything(tmp_path):
    with Redis(tmp_path / "redis", *EVERY_SECOND) as redis, busy_cluster(redis) as (_, lights, crowd):
        for kind in ("normal", "pubsub") * 5:
            assert redis.command("CLIENT", "KILL", "TYPE", kind) > 0
            crowd.wait_for_more(30)
        lights.wait(True, time.monotonic(), LIGHT_MAX_S)
        crowd.settle()
        assert crowd.check() == 0
        assert crowd.outcome.resets == 0


@pytest.mark.parametrize("kind", ["cut", "silent"])
def test_a_node_without_redis_is_red_alone_and_catches_up(tmp_path, kind):
    with Redis(tmp_path / "redis", *EVERY_SECOND) as redis, Proxy(redis.port) as network:
        urls = [[network.url_of("redis")], [redis.url], [redis.url]]
        with busy_cluster(redis, urls) as (cluster, lights, crowd):
            published = crowd.outcome.published
            outage(lights, network.cut if kind == "cut" else network.fall_silent, network.mend,
                   4, nodes=[0])
            assert all(node.is_ready for node in cluster.nodes[1:])
            assert crowd.outcome.published > published + 50, "the others go on"
            crowd.wait_for_more(100)
            crowd.settle()
            assert crowd.check() == 0
            assert crowd.outcome.resets == 0


@pytest.mark.parametrize("how", ["emptied while it runs", "started again empty"])
def test_data_that_is_lost_begins_anew_and_everybody_is_told(tmp_path, how):
    def lose():
        redis.kill()
        redis.forget()

    with Redis(tmp_path / "redis", *EVERY_SECOND) as redis, busy_cluster(redis) as (_, lights, crowd):
        crowd.wait_for_more(100)
        if how == "emptied while it runs":
            redis.command("FLUSHALL")
        else:
            outage(lights, lose, redis.start)
        crowd.wait_for_more(200)
        lights.wait(True, time.monotonic(), LIGHT_MAX_S)
        crowd.settle()
        lost = crowd.check(may_lose=True)
        print(f"{lost} lost with the data")
        assert lost >= 200
        assert crowd.outcome.resets >= len(crowd.readers)
