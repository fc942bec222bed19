"""The primary dies, and Sentinel promotes a replica that has all of it, or not."""

import time
from contextlib import contextmanager

from harness.cluster import Cluster, Lights
from harness.crowd import Crowd
from harness.redis import EVERY_SECOND, Redis, Sentinel, sentinel_url
from harness.waiting import until

# Sentinel needs a second to believe it, some for an election, and one to promote.
FAILOVER_MAX_S = 30.0


@contextmanager
def watched_pair(tmp_path):
    """A primary and its replica, three Sentinels that know both, and each other."""
    with Redis(tmp_path / "primary", *EVERY_SECOND) as primary:
        with Redis(tmp_path / "replica", *EVERY_SECOND, replica_of=primary) as replica:
            until(replica.is_in_step, "the replica follows")
            with (Sentinel(tmp_path / "s1", primary, 2) as one,
                  Sentinel(tmp_path / "s2", primary, 2) as two,
                  Sentinel(tmp_path / "s3", primary, 2) as three):
                sentinels = (one, two, three)
                until(lambda: all(each.sees(1, 2) for each in sentinels), "they know each other", 20)
                yield primary, replica, sentinels


def fail_over(primary, replica, sentinels, lights):
    """Kills the primary, and waits for the replica in its place and green lights."""
    began = time.monotonic()
    primary.kill()
    until(lambda: all(each.primary_port == replica.port for each in sentinels),
          "the replica is the primary", FAILOVER_MAX_S)
    moved = time.monotonic()
    green = lights.wait(True, moved, FAILOVER_MAX_S)
    print(f"failed over after {moved - began:.1f} s, green {green:.1f} s later")


def test_a_replica_that_had_everything_takes_over(tmp_path):
    with watched_pair(tmp_path) as (primary, replica, sentinels):
        with Cluster([sentinel_url(sentinels)]) as cluster, Lights(cluster.nodes) as lights:
            with Crowd(cluster.nodes) as crowd:
                crowd.wait_for_more(100)
                fail_over(primary, replica, sentinels, lights)
                crowd.wait_for_more(100, 60)
                crowd.settle(60)
                lost = crowd.check(may_lose=True)
                print(f"{lost} lost with the primary")
                # What was under way when it was killed: a moment of two topics, and no more.
                assert lost <= 12
                assert crowd.outcome.resets >= len(crowd.readers)


def test_what_a_replica_lacked_is_lost_and_everybody_is_told_so(tmp_path):
    with watched_pair(tmp_path) as (primary, replica, sentinels):
        with Cluster([sentinel_url(sentinels)]) as cluster, Lights(cluster.nodes) as lights:
            with Crowd(cluster.nodes) as crowd:
                crowd.wait_for_more(100)
                replica.stops_following()
                crowd.wait_for_more(100)
                fail_over(primary, replica, sentinels, lights)
                crowd.wait_for_more(100, 60)
                crowd.settle(60)
                lost = crowd.check(may_lose=True)
                print(f"{lost} lost with the primary")
                assert lost >= 80
                assert crowd.outcome.resets >= len(crowd.readers)


def test_with_redis_wait_nothing_that_had_a_receipt_is_lost_in_a_failover(tmp_path):
    with watched_pair(tmp_path) as (primary, replica, sentinels):
        with Cluster([sentinel_url(sentinels)], flags=("--redis-wait", "1")) as cluster:
            with Crowd(cluster.nodes) as crowd:
                crowd.wait_for_more(100)
                primary.kill()
                until(lambda: all(each.primary_port == replica.port for each in sentinels),
                      "the replica is the primary", FAILOVER_MAX_S)
                # Nothing is taken without a replica; another one comes.
                until(lambda: replica.info("replication")["role"] == "master", "it is promoted")
                with Redis(tmp_path / "another", *EVERY_SECOND, replica_of=replica):
                    crowd.wait_for_more(100, 60)
                    crowd.settle(60)
                    assert crowd.check() == 0
