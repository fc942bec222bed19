"""A node loses Redis as machines lose each other: the line is dead and nobody says so."""

import time
from contextlib import ExitStack

from harness.cluster import Lights, Node
from harness.crowd import Crowd
from harness.namespace import Namespace
from harness.redis import EVERY_SECOND, Redis
from harness.waiting import until

LIGHT_MAX_S = 6.0


def test_a_node_whose_network_to_redis_is_dead_is_red_alone_and_catches_up(tmp_path):
    with ExitStack() as stack:
        space = stack.enter_context(Namespace())
        redis = stack.enter_context(
            Redis(tmp_path / "redis", *EVERY_SECOND, host=space.redis_host))
        urls = [redis.url]
        nodes = [
            stack.enter_context(Node("n1", urls, host=space.host, within=space.within)),
            stack.enter_context(Node("n2", urls)), stack.enter_context(Node("n3", urls))]
        lights = stack.enter_context(Lights(nodes))
        crowd = stack.enter_context(Crowd(nodes))
        crowd.wait_for_more(100)
        published = crowd.outcome.published
        began = time.monotonic()
        space.cut()
        red = lights.wait(False, began, LIGHT_MAX_S, [0])
        until(lambda: crowd.outcome.published > published + 500, "the others go on", 20)
        assert nodes[1].is_ready and nodes[2].is_ready
        space.mend()
        ended = time.monotonic()
        green = lights.wait(True, ended, LIGHT_MAX_S, [0])
        print(f"cut for {ended - began:.1f} s, red after {red:.2f} s, green after {green:.2f} s")
        crowd.wait_for_more(100)
        crowd.settle()
        assert crowd.check() == 0
        assert crowd.outcome.resets == 0
