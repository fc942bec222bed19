"""The soak: clients that come and go, and a server that is killed and started again under them.

`loadtest run --scenario soak` plays the clients and checks all that reaches them. Here the server is
ended at random moments, by `kill -9` and now and then by SIGTERM, started again on its port and its
data, and measured while it lives. In the end every receipt is compared with the history.
"""

import json
import random
import re
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from harness.journal import Journal
from harness.people import MANY_LOGINS, NO_RATE
from harness.ports import free_port
from harness.process import usage_of
from harness.program import Server, add_user, binary, mint_token

SAMPLE_S = 0.5
# What the load tester may need beside the duration: all arrive, all settle.
GRACE_S = 240
# One of so many ends is by SIGTERM.
DRAINS = 4
# What the server has for a drain, and what it may take where the machine is busy.
DRAIN_S = 5
DRAIN_MAX_S = 20
# How long the server stays away at most before it is started again.
AWAY_MAX_S = 1.5
# Connections that end without a word are told of by seconds of the clock.
CUT_OFF_S = 3
MIB = 1024 * 1024
# What memory may grow by and still count as flat: what the last lives have more than the first ones,
# at the same age.
GROWTH_MAX = 0.10
GROWTH_MIN_BYTES = 8 * MIB
STAMP = re.compile(r"~lt:(\d+):(\d+):(\d+):(\d+):\d+;")


@dataclass
class Plan:
    """What is to be done. `kill_every` is the middle of the time between two ends, in seconds."""

    clients: int
    seconds: float
    kill_every: float
    rate: int
    stay: str
    seed: int
    users: int = 8
    rooms: int = 0
    flags: tuple = ()

    def __post_init__(self):
        self.rooms = self.rooms or max(2, self.clients // 10)


@dataclass
class Life:
    """One process of the server: when it could be reached, what it used, and how it ended."""

    began: float
    # From its start to the moment when it listened.
    took_s: float
    ended: float = 0
    by: str = ""
    samples: list = field(default_factory=list)

    def resident_at(self, age):
        """The memory it held at an age in seconds; None where it did not grow so old."""
        if not self.samples or self.samples[-1][0] < age:
            return None
        return next(usage.resident_bytes for at, usage in self.samples if at >= age)


@dataclass
class Outcome:
    """What came of it."""

    plan: Plan
    report: dict
    lives: list
    generator: list
    compared: int
    wrong: list

    @property
    def table(self):
        """Lines for people: what the load tester says stands above them."""
        ends = [life for life in self.lives if life.by]
        kills = sum(life.by == "SIGKILL" for life in ends)
        restarts = sorted(life.took_s for life in self.lives[1:])
        first, last = self.memory
        used = [usage for life in self.lives for _, usage in life.samples]
        cpu = sum(life.samples[-1][1].cpu_s for life in self.lives if life.samples)
        wall = sum(life.samples[-1][0] for life in self.lives if life.samples)
        rows = [
            ("server", f"{len(self.lives)} lives: {kills} ended by kill -9, "
             f"{len(ends) - kills} by SIGTERM"),
            ("back after", f"p50 {median(restarts):.2f} s   max {restarts[-1]:.2f} s"
             if restarts else "never away"),
            ("memory at age", f"{self.age:.0f} s: first lives {first / MIB:.1f} MiB, last lives "
             f"{last / MIB:.1f} MiB ({last / first - 1:+.1%}), most ever "
             f"{max(each.resident_bytes for each in used) / MIB:.1f} MiB"),
            ("by life", "   ".join(
                f"{held / MIB:.1f}" for life in self.lives
                if (held := life.resident_at(self.age))) + " MiB"),
            ("descriptors", f"at most {max(each.descriptors for each in used)}"),
            ("threads", f"at most {max(each.threads for each in used)}"),
            ("processor", f"{cpu / max(wall, 1):.0%} of a core"),
            ("load tester", f"{self.generator[len(self.generator) // 4] / MIB:.1f} MiB after a "
             f"quarter, {self.generator[-1] / MIB:.1f} MiB at last"),
            ("history", f"{self.compared} receipts found at their positions, once, in order"),
        ]
        return "\n".join(f"  {name:15}{text}" for name, text in rows)

    @property
    def verdict(self):
        """One line."""
        tally = self.report["tally"]
        first, last = self.memory
        counts = "   ".join(f"{name} {tally[name]}" for name in ("lost", "duplicated", "reordered"))
        head = "PASS" if not self.wrong else "FAIL"
        return (
            f"soak {head}   {counts}   memory {last / first - 1:+.1%}   seed {self.plan.seed}"
            + "".join(f"\n  {each}" for each in self.wrong))

    @property
    def age(self):
        """The age at which lives are compared, in seconds."""
        return comparable_age(self.lives)

    @property
    def memory(self):
        return compared_memory(self.lives)


def comparable_age(lives):
    """An age that nearly all lives have reached."""
    ages = sorted(life.samples[-1][0] for life in lives if life.samples)
    return ages[len(ages) // 4] * 0.8


def compared_memory(lives):
    """The middle of what the first third of the lives and the last one held at the same age.

    The life in which everybody arrives is none of them, where there are enough others: no herd came
    back to it.
    """
    age = comparable_age(lives)
    held = [life.resident_at(age) for life in (lives[1:] if len(lives) > 3 else lives)]
    held = [each for each in held if each is not None]
    third = max(1, len(held) // 3)
    return median(held[:third]), median(held[-third:])


class Soak:
    """One run. As a context it ends all it has started."""

    def __init__(self, plan, directory):
        self.plan = plan
        self._moments = random.Random(plan.seed)
        self._data = directory / "data"
        self._journal_path = directory / "journal"
        self._report_path = directory / "report.json"
        self._port = free_port()
        self._tokens = self._mint(directory / "tokens")
        self._ways = []
        self.lives = []
        self.generator = []
        self._server = None
        self._clients = None

    def _mint(self, path):
        """Accounts, and tokens that outlive the run."""
        tokens = []
        for number in range(self.plan.users):
            add_user(self._data, f"soaker{number}", "correct horse")
            tokens.append(
                mint_token(self._data, f"soaker{number}", "--access-token-lifetime", "12h"))
        path.write_text("\n".join(tokens))
        self._tokens_path = path
        return tokens

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self._clients is not None and self._clients.poll() is None:
            self._clients.kill()
            self._clients.wait()
        if self._server is not None and self._server.is_alive:
            self._server.kill()

    def run(self, progress=None):
        """Runs to the end; `progress` is a file for the load tester's own lines."""
        self._start()
        self._clients = subprocess.Popen([
            binary("LOADTEST"), "run", "--url", self._server.websocket_url, "--scenario", "soak",
            "--connections", str(self.plan.clients), "--rooms", str(self.plan.rooms),
            "--rate", str(self.plan.rate), "--duration", f"{int(self.plan.seconds * 1000)}ms",
            "--stay", self.plan.stay, "--seed", str(self.plan.seed),
            "--tokens-file", str(self._tokens_path), "--journal", str(self._journal_path),
            "--json", str(self._report_path),
        ], stdout=subprocess.PIPE, stderr=progress or subprocess.DEVNULL, text=True)
        status = self._live_and_let_die()
        self.text = self._clients.stdout.read()
        assert self._report_path.exists(), f"loadtest ended with {status} and no report"
        report = json.loads(self._report_path.read_text())
        compared = self._compare(report["roomIDs"])
        wrong = self._judge(report, status)
        self._server.stop()
        return Outcome(self.plan, report, self.lives, self.generator, compared, wrong)

    def _start(self):
        began = time.monotonic()
        # Nothing may be trimmed while it is compared.
        self._server = Server(
            self._data, "--room-history-max", "10000000", "--outbox-bytes-max", "256KiB",
            "--drain", f"{DRAIN_S}s", *MANY_LOGINS, *NO_RATE, *self.plan.flags, port=self._port)
        now = time.monotonic()
        self.lives.append(Life(now, now - began))

    def _live_and_let_die(self):
        """Ends the server and starts it again until the load tester has ended; its exit status."""
        start = time.monotonic()
        next_end = start + self._pause()
        while True:
            self._sample()
            now = time.monotonic()
            assert now - start < self.plan.seconds + GRACE_S, "loadtest does not end"
            if next_end <= now < start + self.plan.seconds:
                self._end(drains=self._drains_next())
                status = self._wait(self._moments.uniform(0, AWAY_MAX_S))
                self._start()
                next_end = time.monotonic() + self._pause()
            else:
                status = self._wait(SAMPLE_S)
            if status is not None:
                return status

    def _wait(self, seconds):
        """Lets the load tester go on for a time; its exit status where it has ended."""
        try:
            return self._clients.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def _drains_next(self):
        """Whether the next end is by SIGTERM: one of each few, at random which."""
        if not self._ways:
            self._ways = [True] + [False] * (DRAINS - 1)
            self._moments.shuffle(self._ways)
        return self._ways.pop()

    def _pause(self):
        return self._moments.uniform(0.6, 1.4) * self.plan.kill_every

    def _end(self, drains):
        life = self.lives[-1]
        life.ended = time.monotonic()
        life.by = "SIGTERM" if drains else "SIGKILL"
        if drains:
            self._server.terminate()
            try:
                status = self._server.wait(DRAIN_MAX_S)
            except subprocess.TimeoutExpired:
                raise AssertionError(
                    f"a drain took longer than {DRAIN_MAX_S} s: {self._server.log[-5:]}") from None
            assert status == 0, f"a drained server ended with {status}: {self._server.log[-5:]}"
        else:
            self._server.kill()

    def _sample(self):
        assert self._server.is_alive, f"the server ended by itself: {self._server.log[-5:]}"
        usage = usage_of(self._server.pid)
        if usage is not None:
            life = self.lives[-1]
            life.samples.append((time.monotonic() - life.began, usage))
        usage = usage_of(self._clients.pid)
        if usage is not None:
            self.generator.append(usage.resident_bytes)

    def _compare(self, rooms):
        """Holds every receipt against the history; answers with their number."""
        journal = Journal(self._journal_path)
        journal.read()
        rest = self._server.rest.bearing(self._tokens[0])
        expected = defaultdict(dict)
        for (room, key), position in journal.stored.items():
            expected[room][key] = position
        for room in rooms:
            found = history(rest, room)
            for key in found:
                assert (room, key) in journal.sent, f"nobody sent {key}"
            for key, position in expected[room].items():
                assert found.get(key) == position, f"the receipt of {key} said {position}"
        return len(journal.stored)

    def _judge(self, report, status):
        """What is wrong, a line each."""
        wrong = []
        if status != 0:
            wrong.append(f"loadtest ended with {status}")
        ends = [
            (life.ended, after.began) for life, after in zip(self.lives, self.lives[1:])]
        for each in report["cutOffs"]:
            at = each["atSecond"]
            if not any(end - 1 <= at <= back + CUT_OFF_S for end, back in ends):
                wrong.append(f"{each['count']} connections were cut off by a server that lived")
        first, last = compared_memory(self.lives)
        if last > first * (1 + GROWTH_MAX) + GROWTH_MIN_BYTES:
            wrong.append(
                f"memory is not flat: {first / MIB:.1f} MiB at first, {last / MIB:.1f} at last")
        return wrong


def history(rest, room):
    """A room through REST: consecutive offsets, each message once, each author's in order.

    Answers with the position of each message by its key.
    """
    found = {}
    last_numbers = defaultdict(int)
    while True:
        answer = rest.get(f"/api/openchat/room/{room}?after={len(found)}&limit=100")
        assert answer.status == 200, answer.body
        epoch = answer.json["position"].partition(":")[0]
        messages = answer.json["chatList"]
        if not messages:
            return found
        for message in messages:
            assert message["id"] == len(found) + 1, "offsets are consecutive"
            stamp = STAMP.search(message["message"])
            assert stamp, f"a message of nobody's: {message}"
            key = "-".join(stamp.groups())
            assert key not in found, f"{key} is stored twice"
            found[key] = (message["id"], epoch)
            author, number = stamp[3], int(stamp[4])
            assert number > last_numbers[author], f"{key} came too late"
            last_numbers[author] = number
