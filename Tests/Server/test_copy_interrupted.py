"""A copy that is killed goes on where it was, and nothing that isn't the same passes for a copy."""

import random
import sqlite3
import subprocess
import time

import pytest

from harness.community import words
from harness.program import add_user, binary, environment, petnexus
from harness.redis import Redis
from harness.waiting import until

RECORDS = 4_000
STREAMS = 12
SAID = 1_500


def fill(data, name):
    """Makes a store with something of everything: leases, large values, streams of which nothing is
    kept, text that is no ASCII."""
    add_user(data, name, "correct horse")
    now = time.time_ns() // 1_000_000
    day = 86_400_000
    database = sqlite3.connect(data / "petnexus.db")
    with database:
        database.executemany(
            "INSERT INTO records VALUES ('things/é%', ?, 3, ?, ?)",
            ((f"{number}", bytes([number % 256]) * 50, (now + day) if number % 3 else None)
             for number in range(RECORDS)))
        database.executemany(
            "INSERT INTO records VALUES ('things', ?, 1, ?, ?)",
            [("large", bytes(1_000_000), None), ("expired", b"x", now - 1)])
        database.executemany(
            "INSERT INTO index_entries VALUES ('names', ?, ?)",
            ((bytes([0, number % 256, 255]), str(number)) for number in range(RECORDS)))
        database.execute("INSERT INTO counters VALUES ('low', ?)", (-2**63,))
        database.execute("INSERT INTO streams (name, top, floor) VALUES ('chat/empty', 50, 51)")
        for stream in range(STREAMS):
            row = database.execute(
                "INSERT INTO streams (name, top, floor) VALUES (?, ?, ?)",
                (f"chat/{stream}", SAID, stream + 1)).lastrowid
            database.executemany(
                "INSERT INTO entries VALUES (?, ?, ?, ?, 'Mina', 'text/plain', ?)",
                ((row, offset, now, offset % 9, b"x" * (60_000 if offset == 77 else offset % 90))
                 for offset in range(stream + 1, SAID + 1)))
            database.executemany(
                "INSERT INTO recent_keys VALUES (?, ?, 1, ?, ?, ?)",
                ((now // day, row, f"key {offset}", offset, now)
                 for offset in range(100, 200)))
    database.close()


def contents(data):
    """All that a directory holds and that has not expired."""
    now = time.time_ns() // 1_000_000
    name = "(SELECT name FROM streams WHERE id = stream)"
    database = sqlite3.connect(data / "petnexus.db")
    try:
        return [database.execute(query).fetchall() for query in (
            f"SELECT * FROM records WHERE expires_ms IS NULL OR expires_ms > {now} ORDER BY 1, 2",
            "SELECT * FROM index_entries ORDER BY 1, 2, 3", "SELECT * FROM counters ORDER BY 1",
            "SELECT name, max(top, coalesce((SELECT max(\"offset\") FROM entries WHERE stream = id), 0)),"
            " floor FROM streams ORDER BY 1",
            f"SELECT {name}, \"offset\", at_ms, sender, sender_name, content_type, body FROM entries"
            " ORDER BY 1, 2",
            f"SELECT {name}, sender, \"key\", \"offset\", stored_ms FROM recent_keys ORDER BY 1, 2, 3",
        )], (data / "keys.json").read_bytes()
    finally:
        database.close()


class Target:
    """Where something is copied, and what is noted there of how far that is."""

    def __init__(self, place, note):
        self.place = place
        self._note = note

    def start(self, source, *flags):
        return subprocess.Popen(
            [binary("PETNEXUS"), "copy", *words("--from", source), *words("--to", self.place), *flags],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())

    def run(self, source, *flags):
        return petnexus("copy", *words("--from", source), *words("--to", self.place), *flags)

    @property
    def note(self):
        """The note of an unfinished copy, or nothing."""
        return self._note() or ""

    @property
    def done(self):
        """How many items the note says are copied."""
        step = self.note.split()
        return int(step[1]) if step[:1] == ["copying"] else 0

    def interrupt(self, source, at, *flags):
        """Kills a copy that has come so far, or came to its end before; answers whether it was killed."""
        process = self.start(source, *flags)
        try:
            until(lambda: self.done >= at or process.poll() is not None, "so far", seconds=30)
        finally:
            process.kill()
            process.communicate()
        return process.returncode == -9


def directory(path):
    def note():
        if not (path / "petnexus.db").exists():
            return None
        database = sqlite3.connect(path / "petnexus.db", timeout=10)
        try:
            return database.execute("SELECT note FROM unfinished_copy").fetchone()[0]
        except sqlite3.OperationalError:
            return None
        finally:
            database.close()

    return Target(path, note)


def on_redis(*servers):
    return Target(
        [each.url for each in servers], lambda: servers[0].command("GET", "petnexus:unfinished-copy"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    data = tmp_path_factory.mktemp("filled") / "data"
    fill(data, "mina")
    return data


@pytest.fixture
def data(filled, tmp_path):
    """A directory of one's own that is full of things."""
    subprocess.run(["cp", "-r", filled, tmp_path / "data"], check=True)
    return tmp_path / "data"


@pytest.fixture
def redis(tmp_path):
    with Redis(tmp_path / "one") as one, Redis(tmp_path / "two") as two:
        yield one, two


def finish(target, source, seed):
    """Kills a copy at random places until it has come to its end."""
    choice = random.Random(seed)
    kills = 0
    for _ in range(6):
        was_killed = target.interrupt(source, target.done + choice.randrange(1, 6_000))
        if not was_killed and not target.note:
            break
        kills += was_killed
    result = target.run(source)
    # What was killed right after its last step is done.
    assert result.returncode == 0 or "not empty" in result.stderr and not target.note, result.stderr
    assert target.note == ""
    return kills


def test_it_is_whole_however_often_it_was_killed(data, redis, tmp_path):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    before = contents(data)
    assert finish(on_redis(*redis), data, seed) >= 2
    back = directory(tmp_path / "back")
    assert finish(back, on_redis(*redis).place, seed + 1) >= 2
    assert contents(back.place) == before


@pytest.mark.parametrize("side", ["redis", "directory"])
def test_what_differs_in_the_end_is_no_copy(data, redis, tmp_path, side):
    target = on_redis(redis[0]) if side == "redis" else directory(tmp_path / "back")
    assert target.interrupt(data, at=RECORDS + 1_000)
    if side == "redis":
        redis[0].command("SET", "petnexus:{store}:record:things%2Fé%25/7", "3::y")
    else:
        with sqlite3.connect(target.place / "petnexus.db") as database:
            database.execute("UPDATE records SET value = x'79' WHERE id = '7' AND version = 3")
    for words_expected in ("the copy differs from the source", "a copy that differs from its source"):
        result = target.run(data)
        assert (result.returncode, result.stdout) == (1, "")
        assert words_expected in result.stderr and "--force" in result.stderr
    place = words("--redis" if side == "redis" else "--data", target.place)
    serving = petnexus("serve", "--port", "0", *place)
    assert serving.returncode == 1 and "not finished" in serving.stderr
    assert target.run(data, "--force").returncode == 0
    assert target.note == ""


def test_a_source_that_changes_in_between_is_noticed(data, redis):
    target = on_redis(*redis)
    assert target.interrupt(data, at=RECORDS + 1_000)
    # It sorts before what is copied already.
    with sqlite3.connect(data / "petnexus.db") as database:
        database.execute("INSERT INTO records VALUES ('a', 'late', 1, x'79', NULL)")
    result = target.run(data)
    assert result.returncode == 1 and "the copy differs from the source" in result.stderr
    assert target.run(data, "--force").returncode == 0


def test_another_source_does_not_go_on_with_a_copy(data, redis, tmp_path):
    target = on_redis(*redis)
    assert target.interrupt(data, at=1_000)
    add_user(tmp_path / "other", "jun", "correct horse")
    result = target.run(tmp_path / "other")
    assert result.returncode == 1 and f"an unfinished copy of {data}" in result.stderr
    # Nor what stands in its place now.
    data.rename(tmp_path / "away")
    (tmp_path / "other").rename(data)
    result = target.run(data)
    assert result.returncode == 1 and f"of what was in {data} before" in result.stderr
    assert target.run(data, "--force").returncode == 0
    assert petnexus("token", "mint", "jun", *words("--redis", target.place)).returncode == 0


def test_a_forced_copy_goes_on_where_it_was_killed(data, redis, tmp_path):
    target = on_redis(redis[0])
    assert target.run(data).returncode == 0
    assert target.interrupt(data, 1_000, "--force")
    done = target.done
    assert done >= 1_000
    result = target.run(data)
    assert result.returncode == 0, result.stderr
    assert directory(tmp_path / "back").run(target.place).returncode == 0
    assert contents(tmp_path / "back") == contents(data)
