"""Redis as real processes: servers that are killed, paused and made to lag, and Sentinels."""

import shutil
import signal
import socket
import subprocess

from harness.ports import free_port
from harness.waiting import until

# A commit is in the file before anybody is answered, or within a second of that.
ALWAYS = ("--appendonly", "yes", "--appendfsync", "always")
EVERY_SECOND = ("--appendonly", "yes", "--appendfsync", "everysec")
# Sentinel calls a server down that is silent for so long.
DOWN_AFTER_MS = 1000


class RedisError(Exception):
    """What Redis answers to a command that it refuses."""


class _Process:
    """A process on a port of its own, in a folder of its own. As a context it is killed in the end."""

    password = None

    def __init__(self, directory, host="127.0.0.1", port=None):
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.host = host
        self.port = port or free_port()
        self._process = None

    def _run(self, *words):
        self._process = subprocess.Popen(
            [str(word) for word in words], cwd=self.directory,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._answers, f"{words[0]} answers", seconds=20)

    def _answers(self):
        assert self._process.poll() is None, f"it ended by itself in {self.directory}"
        try:
            return self.command("PING") == "PONG"
        except (OSError, RedisError):
            return False

    def command(self, *words, seconds=10.0):
        """Runs one command on a connection of its own, and returns its reply: text, a number, a list
        or None."""
        with socket.create_connection((self.host, self.port), timeout=seconds) as connection:
            with connection.makefile("rb") as stream:
                if self.password:
                    connection.sendall(_command("AUTH", self.password))
                    _reply(stream)
                connection.sendall(_command(*words))
                return _reply(stream)

    def pause(self):
        """Stops it where it stands: connections stay open, and nobody answers."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        """Ends a pause."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self):
        """Ends it as a crash does."""
        self._process.kill()
        self._process.wait(10)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        # A process that is stopped is killed all the same.
        self.kill()


class Redis(_Process):
    """A server that keeps an append-only file, unless its options say otherwise."""

    def __init__(
            self, directory, *options, host="127.0.0.1", port=None, password=None, replica_of=None):
        """Starts it and waits until it answers."""
        super().__init__(directory, host, port)
        self.password = password
        self._options = options or EVERY_SECOND
        if password:
            self._options += ("--requirepass", password)
        if replica_of is not None:
            self._options += ("--replicaof", replica_of.host, replica_of.port)
        self.start()

    @property
    def url(self):
        """How a node reaches it."""
        credentials = f":{self.password}@" if self.password else ""
        return f"redis://{credentials}{self.host}:{self.port}"

    def start(self):
        """Starts it again, on its port and on its data."""
        self._run(
            "redis-server", "--port", self.port, "--bind", self.host, "--dir", self.directory,
            "--save", "", "--protected-mode", "no", "--repl-diskless-sync-delay", "0",
            "--enable-debug-command", "yes", *self._options)

    def forget(self):
        """Loses everything that it has written; it must not run."""
        for each in self.directory.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()

    def info(self, section):
        """A part of INFO, by field."""
        lines = self.command("INFO", section).split("\r\n")
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def is_in_step(self):
        """Whether a replica has all that its primary had when it was asked last."""
        return self.info("replication").get("master_link_status") == "up"

    def stops_following(self):
        """Lets a replica lose its primary, as a broken network between the two does."""
        self.command("REPLICAOF", self.host, free_port())


class Sentinel(_Process):
    """One of those who watch a primary and promote a replica in its place."""

    def __init__(self, directory, primary, quorum, name="petnexus"):
        super().__init__(directory)
        self.name = name
        file = directory / "sentinel.conf"
        file.write_text("\n".join([
            f"port {self.port}", "bind 127.0.0.1", f"dir {directory}", "protected-mode no",
            f"sentinel monitor {name} {primary.host} {primary.port} {quorum}",
            f"sentinel down-after-milliseconds {name} {DOWN_AFTER_MS}",
            f"sentinel failover-timeout {name} 5000", ""]))
        self._run("redis-sentinel", file)

    @property
    def primary_port(self):
        """Where it says the primary is."""
        return int(self.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.name)[1])

    def sees(self, replicas, sentinels):
        """Whether it knows so many replicas, and so many others of its kind."""
        found = self.command("SENTINEL", "MASTER", self.name)
        facts = dict(zip(found[::2], found[1::2]))
        return (int(facts["num-slaves"]), int(facts["num-other-sentinels"])) == (
            replicas, sentinels)


def sentinel_url(sentinels, database=0):
    """The URL of the primary whose address they know."""
    hosts = ",".join(f"{each.host}:{each.port}" for each in sentinels)
    return f"redis+sentinel://{hosts}/{sentinels[0].name}/{database}"


def _command(*words):
    parts = [str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(
        b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def _reply(stream):
    line = stream.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionResetError("closed within a reply")
    kind, text = line[:1], line[1:-2].decode()
    if kind == b"-":
        raise RedisError(text)
    if kind == b"+":
        return text
    count = int(text)
    if kind == b":":
        return count
    if count < 0:
        return None
    if kind == b"*":
        return [_reply(stream) for _ in range(count)]
    return stream.read(count + 2)[:-2].decode(errors="replace")
