"""A real Redis, for nodes to share."""

import signal
import subprocess

from harness.ports import free_port
from harness.waiting import until


class Redis:
    """A redis-server on a port of its own, with an append-only file in `data`.

    As a context it is stopped in the end.
    """

    def __init__(self, data, port=None, password=None, flags=()):
        self.port = port or free_port()
        self.password = password
        self._flags = flags
        self._data = data
        self.start()

    @property
    def url(self):
        """How a node reaches it."""
        credentials = f":{self.password}@" if self.password else ""
        return f"redis://{credentials}127.0.0.1:{self.port}"

    def start(self):
        """Starts it, and waits until it answers."""
        self._process = subprocess.Popen(
            [
                "redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
                "--dir", str(self._data), "--save", "", "--appendonly", "yes",
                *(["--requirepass", self.password] if self.password else []), *self._flags,
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        until(lambda: self.command("PING") == "PONG", "Redis answers")

    def command(self, *words):
        """What redis-cli prints for a command."""
        result = subprocess.run(
            [
                "redis-cli", "-p", str(self.port),
                *(["-a", self.password, "--no-auth-warning"] if self.password else []), *words,
            ],
            capture_output=True, text=True, timeout=10,
        )
        return result.stdout.strip()

    def pause(self):
        """Lets it answer nobody, though it keeps every connection."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        """Lets it go on after `pause`."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self):
        """Ends it as a crash does."""
        self._process.kill()
        self._process.wait(10)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.kill()
