"""`petnexus copy`: a community moves between a data directory and Redis, and its people notice nothing."""

import os
import sqlite3
import stat

import pytest

from harness.community import Community, serve, words
from harness.program import add_user, mint_token, petnexus
from harness.redis import Redis
from harness.waiting import until


def copy(source, target, *flags):
    """Runs the command; a place is a directory or a list of URLs."""
    return petnexus("copy", *words("--from", source), *words("--to", target), *flags)


def copied(source, target, *flags):
    """The last line of a copy that must succeed."""
    result = copy(source, target, *flags)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()[-1]


def refused(result, *reasons):
    """Whether a command has said why it doesn't work, in one line."""
    assert (result.returncode, result.stdout) == (1, "")
    lines = [line for line in result.stderr.splitlines() if line.startswith("petnexus: ")]
    assert len(lines) == 1 and all(each in lines[0] for each in reasons), result.stderr


@pytest.fixture
def redis(tmp_path):
    with Redis(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def data(tmp_path):
    """A directory with an account."""
    add_user(tmp_path / "data", "mina", "correct horse")
    return tmp_path / "data"


def test_a_community_moves_to_redis_to_several_servers_and_back(tmp_path, redis):
    with serve(tmp_path / "first") as node:
        community = Community(node)
        earlier = community.as_it_is()
    with Redis(tmp_path / "one") as one, Redis(tmp_path / "two") as two:
        way = [tmp_path / "first", [redis.url], [one.url, two.url], tmp_path / "second"]
        for source, target in zip(way, way[1:]):
            line = copied(source, target)
            assert "positions stay valid" in line and "checksum" in line
            with serve(target) as node:
                community.check(node)
        assert one.command("KEYS", "*log:{*") and two.command("KEYS", "*log:{*")
    # The numbering went along: here it would mean something else by now.
    with serve(tmp_path / "first") as node:
        earlier.check(node, resume="reset")


def test_signing_keys_go_along_and_stay_private(tmp_path, data, redis):
    token = mint_token(data, "mina")
    copied(data, [redis.url])
    copied([redis.url], tmp_path / "back")
    keys = tmp_path / "back" / "keys.json"
    assert keys.read_bytes() == (data / "keys.json").read_bytes()
    assert stat.S_IMODE(os.stat(keys).st_mode) == 0o600
    for place in (["--redis", redis.url], ["--data", tmp_path / "back"]):
        assert petnexus("token", "show", token, *place).stdout.startswith("valid: user 1 (mina)")


def test_what_is_not_empty_is_kept_without_force(tmp_path, data, redis):
    add_user(tmp_path / "other", "jun", "correct horse")
    copied(data, [redis.url])
    refused(copy(tmp_path / "other", [redis.url]), "not empty", "--force")
    refused(copy([redis.url], tmp_path / "other"), "not empty", "--force")
    assert petnexus("token", "mint", "mina", "--redis", redis.url).returncode == 0
    assert petnexus("token", "mint", "jun", "--data", tmp_path / "other").returncode == 0
    copied(tmp_path / "other", [redis.url], "--force")
    assert petnexus("token", "mint", "jun", "--redis", redis.url).returncode == 0
    refused(petnexus("token", "mint", "mina", "--redis", redis.url), "no account")


def test_force_removes_nothing_of_others(data, redis):
    # Beside other programs' keys: those of communities whose prefixes begin as this one's.
    for prefix in ("pets:", "pets:b:", "pets:log:"):
        copied(data, [redis.url], "--to-prefix", prefix)
    redis.command("SET", "pets:mine", "kept")
    redis.command("SET", "pets:log:mine", "kept")
    others = {key for key in redis.command("KEYS", "*")
              if not key.startswith("pets:{store}") and key != "pets:life"}
    before = {key: redis.command("DUMP", key) for key in others if not key.endswith(":life")}
    copied(data, [redis.url], "--to-prefix", "pets:", "--force")
    assert before == {key: redis.command("DUMP", key) for key in before}
    # And nothing is left of what is replaced.
    redis.command("SET", "pets:{store}:counter:old", "1")
    copied(data, [redis.url], "--to-prefix", "pets:", "--force")
    assert redis.command("EXISTS", "pets:{store}:counter:old") == 0


def test_nobody_copies_what_is_served(tmp_path, data, redis):
    with serve(data):
        refused(copy(data, [redis.url]), str(data), "in use")
        refused(copy([redis.url], data), str(data), "in use")
    copied(data, [redis.url])
    with serve([redis.url]) as node:
        refused(copy([redis.url], tmp_path / "back"), "is served by a node")
        refused(copy(data, [redis.url], "--force"), "is served by a node")
        node.kill()
    until(lambda: copy([redis.url], tmp_path / "back").returncode == 0, "the lease has ended")


def test_a_source_without_data_is_refused_before_anything_changes(tmp_path, data, redis):
    copied(data, [redis.url])
    refused(copy(tmp_path / "nothing", [redis.url], "--force"), "no store", str(tmp_path / "nothing"))
    refused(copy([redis.url], data, "--force", "--from-prefix", "typo:"), "nothing to copy", "typo:")
    assert not (tmp_path / "nothing").exists()
    assert mint_token(data, "mina")


def test_a_place_is_not_copied_onto_itself(tmp_path, data, redis):
    (tmp_path / "link").symlink_to(data)
    refused(copy(data, tmp_path / "link", "--force"), "same directory")
    copied(data, [redis.url])
    other_name = redis.url.replace("127.0.0.1", "localhost")
    refused(copy([redis.url], [other_name], "--force"), "share keys")
    refused(copy([redis.url], [other_name], "--force", "--to-prefix", "petnexus:new:"), "share keys")
    refused(copy(data, [redis.url, other_name], "--force"), "same server")
    copied([redis.url], [other_name], "--to-prefix", "new:")
    copied([redis.url], [other_name + "/1"])


@pytest.mark.parametrize("side", ["directory", "redis"])
def test_a_copy_that_is_not_finished_is_not_served(tmp_path, data, redis, side):
    copied(data, [redis.url])
    copied(data, tmp_path / "back")
    with sqlite3.connect(tmp_path / "back" / "petnexus.db") as database:
        database.execute("CREATE TABLE unfinished_copy (note TEXT NOT NULL) STRICT")
        database.execute("INSERT INTO unfinished_copy VALUES ('copying 1\n-\nelsewhere')")
    redis.command("SET", "petnexus:unfinished-copy", "copying 1\n-\nelsewhere")
    place = ["--redis", redis.url] if side == "redis" else ["--data", tmp_path / "back"]
    for command in (["serve", "--port", "0"], ["token", "mint", "mina"]):
        refused(petnexus(*command, *place), "not finished", "petnexus copy")
    target = [redis.url] if side == "redis" else tmp_path / "back"
    refused(copy(target, tmp_path / "third"), "not finished")
    refused(copy(data, target), "unfinished copy of elsewhere", "--force")
    copied(data, target, "--force")
    assert petnexus("token", "mint", "mina", *place).returncode == 0


def test_passwords_come_from_the_environment_and_are_never_said(tmp_path, data):
    with Redis(tmp_path / "redis", password="hush-hush") as redis:
        settings = {"PETNEXUS_FROM": str(data), "PETNEXUS_TO": redis.url}
        result = petnexus("copy", settings=settings)
        assert result.returncode == 0 and "hush" not in result.stdout + result.stderr
        wrong = redis.url.replace("hush-hush", "hush")
        result = petnexus("copy", "--from", data, "--to", wrong)
        refused(result, "WRONGPASS")
        assert ":hush@" not in result.stderr


def test_a_server_is_added_by_a_copy_to_another_prefix(tmp_path, redis):
    with serve([redis.url]) as node:
        community = Community(node)
    with Redis(tmp_path / "another") as another:
        more = [redis.url, another.url]
        copied([redis.url], more, "--to-prefix", "pets2:")
        with serve(more, "--redis-prefix", "pets2:") as node:
            community.check(node)
        here, there = (len(each.command("KEYS", "pets2:log:{chat/*")) for each in (redis, another))
        assert here and there and here + there == len(community.others) + 1
