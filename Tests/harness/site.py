"""A site of one node, on each kind of store that a site can have."""

from contextlib import contextmanager

from harness.people import MANY_LOGINS, NO_RATE, join
from harness.program import Server, petnexus
from harness.redis import Redis

STORES = ("sqlite", "redis")


class Site:
    """A node, and the operator's commands on its store."""

    def __init__(self, server, flags):
        self.server = server
        self.rest = server.rest
        self._flags = flags

    def operate(self, *words, stdin=""):
        """Runs a command of the operator's beside the serving node."""
        result = petnexus(*words, *self._flags, stdin=stdin)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def join(self, name="Mina"):
        """Somebody new, signed in."""
        return join(self.server, name)

    def join_as_admin(self, name="root"):
        """An administrator, signed in."""
        self.operate("user", "add", name, stdin="correct horse\n")
        self.operate("user", "role", name, "ADMIN")
        return self.rest.bearing(self.operate("token", "mint", name))


@contextmanager
def open_site(directory, store, *flags):
    """A site on a store of that kind, with room for many requests from one address."""
    flags = (*MANY_LOGINS, *NO_RATE, *flags)
    if store == "sqlite":
        data = directory / "data"
        with Server(data, *flags) as server:
            yield Site(server, ("--data", data))
    else:
        (directory / "redis").mkdir()
        with Redis(directory / "redis") as redis, Server(None, "--redis", redis.url, *flags) as server:
            yield Site(server, ("--redis", redis.url))
