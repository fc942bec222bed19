"""A node under attack, with honest people on it, and what attacks must leave as it was."""

import contextlib

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server
from harness.vitals import Vitals
from harness.waiting import until
from harness.witness import Witness

MEBIBYTE = 1024 * 1024
MESSAGE_BYTES_MAX = 16 * 1024
OUTBOX_BYTES_MAX = 256 * 1024
BODY_BYTES_MAX = 128 * 1024

# Short deadlines, so that a patient attacker need not be waited for.
SETTINGS = {
    "--handshake-timeout": "2s", "--idle-timeout": "8s", "--loops": 2,
    "--message-bytes-max": MESSAGE_BYTES_MAX, "--outbox-bytes-max": OUTBOX_BYTES_MAX,
    "--body-bytes-max": BODY_BYTES_MAX, "--publishes-per-second-max": 0,
}
# What a node's own work may take beside what its attackers hold: arenas of the allocator, buffers
# of the loops, pages of the store's cache.
SLACK_BYTES = 32 * MEBIBYTE


class Fort:
    """A node whose people talk on while it is attacked."""

    def __init__(self, data, **settings):
        flags = SETTINGS | {f"--{name.replace('_', '-')}": each for name, each in settings.items()}
        words = [word for flag in flags.items() for word in flag]
        self.server = Server(data, *words, "--open-topics", *MANY_LOGINS)
        self.port = self.server.port
        self.stomp_port = self.server.stomp_port
        self.vitals = Vitals(self.server.pid)
        self.mallory = join(self.server, "Mallory")
        self.mina = join(self.server, "Mina")
        self.jun = join(self.server, "Jun")
        self.room = self.mina.make_room()
        self.witness = Witness(self.server, self.mina, self.jun, self.room)
        self.witness.check()

    @contextlib.contextmanager
    def attacked(self, holding=0):
        """The block attacks, and closes what it opened.

        Meanwhile the people miss nothing and resident memory grows by the bytes that the attack may
        make the node hold, by its settings, and no more than that. Afterwards its descriptors and
        threads are as many as before.
        """
        descriptors, threads = self.vitals.descriptors, self.vitals.threads
        before = self.vitals.resident_bytes
        self.vitals.forget_peak()
        yield
        self.witness.check()
        grown = self.vitals.peak_bytes - before
        bound = holding + SLACK_BYTES
        assert grown <= bound, f"{grown / MEBIBYTE:.1f} MiB more, {bound / MEBIBYTE:.1f} at most"
        until(lambda: self.vitals.descriptors <= descriptors, "descriptors are given back", 30)
        # The cooperative pool may start a thread late; it never has more than cores.
        assert self.vitals.threads <= threads + 2
        assert self.server.is_alive

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.witness.close()
        self.server.__exit__(kind, value, trace)


@pytest.fixture(scope="module")
def fort(tmp_path_factory):
    """A node for the attacks of one file."""
    with Fort(tmp_path_factory.mktemp("data")) as node:
        yield node
