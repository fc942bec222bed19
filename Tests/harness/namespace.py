"""A network namespace with a line to the clients and a line to Redis, of which the second can be cut."""

import os
import random
import subprocess


class Namespace:
    """A network of its own for one node. As a context it is taken down in the end.

    It needs root, and `ip` of iproute2.
    """

    def __init__(self):
        # Others may have such networks at the same time.
        number = random.randrange(1 << 14)
        self._name = f"petnexus-{os.getpid()}-{number}"
        self._lines = {}
        ip("netns", "add", self._name)
        try:
            ip("-n", self._name, "link", "set", "lo", "up")
            self.host, _ = self._join("c", number, 0)
            _, self.redis_host = self._join("r", number, 1)
        except BaseException:
            self._take_down()
            raise

    def _join(self, kind, number, half):
        """Lays a line; answers with the addresses at its inner and its outer end."""
        outer, inner = f"pn{kind}{number}o", f"pn{kind}{number}i"
        network = f"10.{192 + number // 256}.{number % 256}"
        ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", self._name)
        here, there = f"{network}.{half * 4 + 1}", f"{network}.{half * 4 + 2}"
        ip("address", "add", f"{here}/30", "dev", outer)
        ip("-n", self._name, "address", "add", f"{there}/30", "dev", inner)
        ip("link", "set", outer, "up")
        ip("-n", self._name, "link", "set", inner, "up")
        self._lines[kind] = inner
        return there, here

    @property
    def within(self):
        """What runs a command in it."""
        return ("ip", "netns", "exec", self._name)

    def cut(self):
        """Takes Redis away: packets go nowhere, and nobody is told."""
        ip("-n", self._name, "link", "set", self._lines["r"], "down")

    def mend(self):
        """Gives Redis back."""
        ip("-n", self._name, "link", "set", self._lines["r"], "up")

    def _take_down(self):
        ip("netns", "delete", self._name)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self._take_down()


def ip(*words):
    """Runs `ip`."""
    result = subprocess.run(["ip", *words], capture_output=True, text=True)
    assert result.returncode == 0, f"ip {' '.join(words)}: {result.stderr.strip()}"
