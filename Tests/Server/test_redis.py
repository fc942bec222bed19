"""A node and the operator's commands on Redis: what is said when it is there, and when it isn't."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.people import MANY_LOGINS, join
from harness.ports import free_port
from harness.program import WEB, Server, binary, environment, petnexus
from harness.redis import Redis
from harness.waiting import until

PASSWORD = "hush-hush"


@pytest.fixture
def redis(tmp_path):
    with Redis(tmp_path, password=PASSWORD) as server:
        yield server


def on(redis, *flags):
    """A node on Redis, in a directory where it could not keep anything."""
    return Server("/nowhere", "--redis", redis.url, *MANY_LOGINS, *flags)


@pytest.mark.parametrize("url, words", [
    ("localhost:6379", ["redis://"]),
    ("rediss://localhost", ["redis://"]),
    ("redis://mia:hush@host:0", ["port"]),
    ("redis+sentinel://host", ["name"]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_an_address_that_cannot_be_one_is_refused_without_its_password(url, words):
    result = petnexus("serve", "--redis", url)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("petnexus: --redis: ") and result.stderr.count("\n") == 1
    assert all(word in result.stderr for word in words) and "hush" not in result.stderr


def test_check_config_shows_no_password():
    result = petnexus("check-config", settings={"PETNEXUS_REDIS": "redis://mia:hush@host/2"})
    assert result.returncode == 0
    assert re.search(r"^redis +redis://mia:\*\*\*@host:6379/2 +environment$", result.stdout, re.M)


def test_a_command_says_in_one_line_that_redis_is_not_there():
    url = f"redis://:{PASSWORD}@127.0.0.1:{free_port()}"
    result = petnexus("user", "add", "mina", "--redis", url, stdin="correct horse\n")
    assert (result.returncode, result.stdout) == (1, "")
    waiting, failure = result.stderr.splitlines()
    assert "warning waiting-for-redis" in waiting and "refused" in waiting
    assert failure.startswith("petnexus: Redis can't be used: redis://:***@127.0.0.1:")
    assert PASSWORD not in result.stderr


def test_a_wrong_password_is_said(redis):
    url = f"redis://:wrong@127.0.0.1:{redis.port}"
    result = petnexus("user", "add", "mina", "--redis", url, stdin="correct horse\n")
    assert result.returncode == 1
    assert "WRONGPASS" in result.stderr and ":wrong@" not in result.stderr


def test_backup_names_the_ways_to_back_up_redis(redis):
    result = petnexus("backup", "copy.db", "--redis", redis.url)
    assert result.returncode == 1 and result.stderr.count("\n") == 1
    assert "append-only file" in result.stderr and PASSWORD not in result.stderr


def test_commands_and_nodes_share_accounts_tokens_and_keys(redis):
    def command(*words, stdin=""):
        result = petnexus(*words, "--redis", redis.url, stdin=stdin)
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
        return result.stdout.strip()

    command("user", "add", "mina", stdin="correct horse\n")
    token = command("token", "mint", "mina")
    assert command("token", "show", token).startswith("valid: user 1 (mina)")
    with on(redis) as one, on(redis) as two:
        for node in (one, two):
            assert node.rest.bearing(token).get("/api/profile").json["nickname"] == "mina"
        jun = join(one, "Jun")
        assert two.rest.bearing(jun.token).get("/api/profile").json["nickname"] == "Jun"
        command("user", "disable", "mina")
        assert one.rest.bearing(token).get("/api/profile").status == 401
        assert PASSWORD not in "\n".join(one.log)
    assert redis.command("GET", "petnexus:nothing") is None


def test_two_prefixes_are_two_communities(redis):
    with on(redis) as one, on(redis, "--redis-prefix", "other:") as other:
        mina = join(one, "Mina")
        assert other.rest.bearing(mina.token).get("/api/profile").status == 401
    keys = redis.command("KEYS", "*")
    assert {key.partition(":")[0] for key in keys} == {"petnexus", "other"}


def test_every_answer_says_which_node_gave_it(redis):
    with on(redis, "--node-name", "n7") as node:
        ready = node.rest.get("/readyz")
        assert ready.headers["x-petnexus-node"] == ready.json["node"] == "n7"
        assert node.rest.get("/nothing").headers["x-petnexus-node"] == "n7"
        assert any("info serving-as node=n7" in line for line in node.log)


def test_logins_are_counted_for_all_nodes_together(redis):
    limit = ("--logins-per-account-max", "3")
    with on(redis, *limit) as one, on(redis, *limit) as two:
        mina = join(one, "Mina")
        guess = {"email": mina.email, "password": "wrong horse"}
        answers = [
            node.rest.post("/api/user/login", guess).status for node in (two, one, two, one)
        ]
        # The first of three was her own.
        assert answers == [401, 401, 429, 429]


def test_many_who_join_a_room_at_once_at_several_nodes_all_get_in(redis):
    with on(redis) as one, on(redis) as two, on(redis) as three:
        nodes = (one, two, three)
        people = [join(nodes[number % 3], f"Person {number}") for number in range(30)]
        room = people[0].make_room()
        with ThreadPoolExecutor(len(people)) as crowd:
            answers = crowd.map(lambda who: who.rest.post(f"/api/openchat/{room}/join"), people)
        assert {answer.status for answer in answers} == {200}
        assert people[0].rest.get(f"/api/openchat/{room}").json["memberCount"] == len(people)


@pytest.mark.parametrize("outage", ["killed", "paused"])
def test_a_node_turns_red_without_redis_and_green_again_with_it(redis, outage):
    def status():
        return node.rest.get("/readyz").status

    def logged(*words):
        return any(all(word in line for word in words) for line in node.log)

    with on(redis) as node:
        assert status() == 200
        redis.kill() if outage == "killed" else redis.pause()
        until(lambda: status() == 503, "red", seconds=3)
        until(lambda: logged("error redis-lost", f"redis://:***@127.0.0.1:{redis.port}"), "a line")
        login = node.rest.post("/api/user/login", {"email": "a@b.example", "password": "x" * 12})
        assert login.error == (503, "S001")
        redis.start() if outage == "killed" else redis.resume()
        until(lambda: status() == 200, "green", seconds=3)
        until(lambda: logged("info redis-works-again"), "a line")
        assert PASSWORD not in "\n".join(node.log)


def test_with_redis_wait_nothing_counts_as_stored_without_the_replica(tmp_path):
    def status():
        return node.rest.get("/readyz").status

    def made():
        return mina.rest.post("/api/openchat", {"title": "More walks"})

    with Redis(tmp_path / "primary") as primary:
        with Redis(tmp_path / "replica", replica_of=primary) as replica:
            until(replica.is_in_step, "the replica follows")
            with on(primary, "--redis-wait", "1") as node:
                mina = join(node, "Mina")
                mina.make_room()
                assert status() == 200
                replica.kill()
                until(lambda: status() == 503, "red", seconds=3)
                assert made().error == (503, "S001")
                replica.start()
                until(lambda: status() == 200, "green", seconds=10)
                until(lambda: made().status == 201, "writing again", seconds=10)


def test_a_node_that_starts_first_waits_for_redis(tmp_path):
    port = free_port()
    process = subprocess.Popen(
        [
            binary("PETNEXUS"), "serve", "--port", "0", "--web", str(WEB),
            "--redis", f"redis://127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment(),
    )
    try:
        assert "warning waiting-for-redis" in process.stderr.readline()
        with Redis(tmp_path, port=port):
            lines = iter(process.stderr.readline, "")
            assert next(line for line in lines if "info listening" in line)
            process.terminate()
            assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait(10)
        process.stderr.close()
