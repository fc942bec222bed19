"""What tests share that only need nodes on one Redis, and break neither for the next."""

import pytest

from harness.cluster import Cluster
from harness.redis import EVERY_SECOND, Redis


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    with Redis(tmp_path_factory.mktemp("redis"), *EVERY_SECOND) as server:
        yield server


@pytest.fixture(scope="module")
def cluster(redis):
    with Cluster([redis.url]) as nodes:
        yield nodes
