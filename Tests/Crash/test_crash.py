"""`kill -9` of a node at random moments, while `loadtest publish` writes to it with receipts.

Whoever had a receipt must find the message afterwards: at the position the receipt said, once, and
in the order its sender wrote. CRASH_RUNS says how often; CRASH_SEED repeats the moments of a run.
"""

import os
import random
import signal
import subprocess
import time
from collections import defaultdict

from harness.journal import Journal
from harness.ports import free_port
from harness.program import Server, add_user, binary, mint_token
from harness.waiting import until

CONNECTIONS = 4
RATE_PER_S = 1_000
ROOMS = 2
# Nothing may be trimmed while it is compared; one account publishes all of it.
FLAGS = ("--room-history-max", "10000000", "--publishes-per-second-max", "0")


class History:
    """A room as REST shows it, read on from where the last look ended."""

    def __init__(self, room):
        self.room = room
        self.epoch = None
        self.offsets = {}
        self._last_numbers = defaultdict(lambda: -1)

    def read(self, rest):
        """Checks what is new: consecutive offsets, each message once, each sender's in order."""
        while messages := self._page(rest):
            for message in messages:
                assert message["id"] == len(self.offsets) + 1, "offsets are consecutive"
                key = message["message"]
                assert key not in self.offsets, f"{key} is stored twice"
                self.offsets[key] = message["id"]
                _, connection, number = key.split("-")
                assert int(number) > self._last_numbers[connection], f"{key} came too late"
                self._last_numbers[connection] = int(number)

    def _page(self, rest):
        answer = rest.get(f"/api/openchat/room/{self.room}?after={len(self.offsets)}&limit=100")
        assert answer.status == 200, answer.body
        self.epoch = answer.json["position"].partition(":")[0]
        return answer.json["chatList"]


def check(journal, histories, rest):
    """Compares the receipts there are with the history there is now."""
    journal.read()
    stored = dict(journal.stored)
    for history in histories:
        history.read(rest)
        found = {key: (offset, history.epoch) for key, offset in history.offsets.items()}
        for (room, key), position in stored.items():
            if room == history.room:
                assert found.get(key) == position, f"the receipt of {key} said {position}"
    # What was sent while the history was read is in the journal by now.
    journal.read()
    for history in histories:
        for key in history.offsets:
            assert (history.room, key) in journal.sent, f"nobody sent {key}"


def test_nothing_that_had_a_receipt_is_lost_in_a_crash(tmp_path):
    runs = int(os.environ.get("CRASH_RUNS", "20"))
    seed = int(os.environ.get("CRASH_SEED", random.randrange(10**9)))
    print(f"CRASH_SEED={seed} CRASH_RUNS={runs}")
    moments = random.Random(seed)
    data, port = tmp_path / "data", free_port()
    add_user(data, "publisher", "correct horse")
    token = mint_token(data, "publisher", "--access-token-lifetime", "12h")

    server = Server(data, *FLAGS, port=port)
    rest = server.rest.bearing(token)
    made = [rest.post("/api/openchat", {"title": f"Room {number}"}) for number in range(ROOMS)]
    histories = [History(str(answer.json["id"])) for answer in made]
    journal_path = tmp_path / "journal"
    journal_path.touch()
    journal = Journal(journal_path)
    publisher = subprocess.Popen([
        binary("LOADTEST"), "publish", "--url", server.websocket_url, "--token", token,
        "--chat-room", ",".join(history.room for history in histories),
        "--connections", str(CONNECTIONS), "--rate", str(RATE_PER_S), "--journal", str(journal_path),
    ], stderr=subprocess.DEVNULL)

    def has_more_receipts_than(count):
        assert publisher.poll() is None, "the publisher goes on while the server is away"
        journal.read()
        return len(journal.stored) > count

    try:
        for _ in range(runs):
            known = len(journal.stored)
            until(lambda: has_more_receipts_than(known), "publishing goes on", seconds=20)
            # Not a wait for anything: the moment is what is random here.
            time.sleep(moments.uniform(0, 0.4))
            server.kill()
            server = Server(data, *FLAGS, port=port)
            check(journal, histories, rest)
        publisher.send_signal(signal.SIGTERM)
        publisher.wait(10)
        # Once more from the beginning: what was found before must still be there.
        check(journal, [History(history.room) for history in histories], rest)
        print(f"{len(journal.sent)} sent, {len(journal.stored)} with a receipt")
    finally:
        publisher.kill()
        publisher.wait()
        server.stop()

