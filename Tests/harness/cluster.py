"""Several nodes on one Redis."""

import threading
import time
from contextlib import ExitStack

from harness.people import MANY_LOGINS, NO_RATE
from harness.ports import free_port
from harness.program import Server

# Access tokens may come from another backend, so that they outlive a data set that is lost.
SECRET = b"a secret of thirty-two bytes....."
FLAGS = (
    "--loops", "2", "--open-topics", "--topic", "x.**=history:1000000", "--presence-grace", "500ms",
    "--drain", "5s", *MANY_LOGINS, *NO_RATE)


class Node:
    """A node with a name and a port that it keeps when it is started again."""

    def __init__(self, name, redis_urls, flags=(), host="127.0.0.1", within=()):
        self.name = name
        self._port = free_port()
        self._host = host
        self._within = within
        self._flags = (
            *FLAGS, "--host", host, "--node-name", name,
            *(word for url in redis_urls for word in ("--redis", url)), *flags)
        self.start()

    def start(self):
        """Starts it, again or for the first time, and waits until it listens."""
        self.server = Server(
            None, *self._flags, port=self._port, within=self._within,
            settings={"PETNEXUS_JWT_SECRET": SECRET.decode()})

    def kill(self):
        """Ends it as a crash does."""
        self.server.kill()

    def drain(self, seconds=30):
        """Ends it by SIGTERM, which it must obey."""
        self.server.terminate()
        assert self.server.wait(seconds) == 0, self.server.log[-5:]

    @property
    def is_ready(self):
        """What `/readyz` says."""
        try:
            return self.server.rest.get("/readyz").status == 200
        except OSError:
            return False

    def __getattr__(self, name):
        # What it is asked beside that, its present process knows.
        return getattr(self.server, name)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if not self.server.is_alive and self.server.was_told_to_end:
            return
        try:
            self.server.__exit__(kind, value, trace)
        finally:
            if self.server.is_alive:
                self.server.kill()


class Cluster:
    """Nodes n1, n2, …; as a context all are stopped in the end."""

    def __init__(self, redis_urls, count=3, flags=()):
        """`redis_urls` are those of every node, or a list of such, one for each node."""
        self._stack = ExitStack()
        self.nodes = []
        with ExitStack() as stack:
            for number in range(count):
                urls = redis_urls[number] if isinstance(redis_urls[0], list) else redis_urls
                self.nodes.append(stack.enter_context(Node(f"n{number + 1}", urls, flags)))
            self._stack = stack.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self._stack.close()


class Lights:
    """Watches `/readyz` of nodes, and remembers when each turned red or green.

    As a context it watches until its end.
    """

    PAUSE_S = 0.02

    def __init__(self, nodes):
        self._nodes = nodes
        self._has_ended = threading.Event()
        self._news = threading.Condition()
        # Of each node: (when, whether ready), one for each change; when the question was asked.
        self.changes = [[] for _ in nodes]
        self._threads = [
            threading.Thread(target=self._watch, args=(index,), daemon=True)
            for index in range(len(nodes))]
        for thread in self._threads:
            thread.start()

    def _watch(self, index):
        while not self._has_ended.wait(self.PAUSE_S):
            is_ready = self._nodes[index].is_ready
            with self._news:
                changes = self.changes[index]
                if not changes or changes[-1][1] != is_ready:
                    changes.append((time.monotonic(), is_ready))
                    self._news.notify_all()

    def wait(self, is_ready, since, seconds, nodes=None):
        """Waits until all nodes, or those at some indexes, show a colour; answers with how long after
        `since` the last of them turned to it."""
        indexes = range(len(self._nodes)) if nodes is None else nodes

        def moments():
            now = [self.changes[index][-1] for index in indexes if self.changes[index]]
            return len(now) == len(indexes) and all(each == is_ready for _, each in now) and [
                at for at, _ in now]

        with self._news:
            found = self._news.wait_for(moments, max(0, since + seconds - time.monotonic()))
            assert found, (
                f"not {'green' if is_ready else 'red'} within {seconds:g} s: "
                f"{[(each[-1][0] - since, each[-1][1]) for each in self.changes if each]}")
            return max(0, max(found) - since)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self._has_ended.set()
        for thread in self._threads:
            thread.join(20)
