"""The program under test: its commands, and a node that serves."""

import os
import re
import signal
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit

from harness.rest import Rest

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "Web"


def binary(variable):
    """The program that an environment variable names, as `Tests/run` and `make` set it."""
    path = os.environ.get(variable)
    if not path:
        raise RuntimeError(f"{variable} must name the program to test; make test sets it")
    return path


def environment(settings=None):
    """Our environment without settings of the program, but for those given."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PETNEXUS_")}
    return {**ours, **(settings or {})}


def petnexus(*arguments, stdin="", settings=None):
    """Runs a command to its end; answers with its `returncode`, `stdout` and `stderr`."""
    return subprocess.run(
        [binary("PETNEXUS"), *map(str, arguments)],
        input=stdin, capture_output=True, text=True, timeout=30, env=environment(settings),
    )


def add_user(data, name, password):
    """Makes an account that signs in with a plain name."""
    result = petnexus("user", "add", name, "--data", data, stdin=password + "\n")
    assert result.returncode == 0, result.stderr


def mint_token(data, name, *flags):
    """An access token of an account."""
    result = petnexus("token", "mint", name, "--data", data, *flags)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


class Server:
    """A node that serves from a data directory, or from what its flags name, on ports that the kernel
    chose.

    As a context it is stopped in the end, and must not have died by itself before.
    """

    def __init__(
            self, data, *flags, port=0, settings=None, ignores_file_limit=False, within=()):
        """Starts it and waits until it listens. `data` is None where it needs no directory.

        With `ignores_file_limit` a write beyond the process' limit of file size is an error of
        that write, as one on a full disk is, and no signal. `within` is a command that runs it.
        """
        self.data = data and Path(data)
        self.log = []
        self.was_told_to_end = False
        self._news = threading.Condition()
        self._has_said_all = False
        self._process = subprocess.Popen(
            [
                *within, binary("PETNEXUS"), "serve", "--port", str(port), "--stomp-port", "0",
                *(("--data", str(data)) if data else ()), "--web", str(WEB),
                "--drain-lead", "0s", *map(str, flags),
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=environment(settings),
            # Python ignores SIGXFSZ; this is whether the child inherits that.
            restore_signals=not ignores_file_limit,
        )
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        self.url = self._announced(r"info listening url=(\S+)")
        self.host, self.port = urlsplit(self.url).hostname, urlsplit(self.url).port
        stomp = self._announced(r"info listening-stomp address=(\S+)")
        self.stomp_port = int(stomp.rpartition(":")[2])
        self.rest = Rest(self.url)

    def _read_log(self):
        with self._process.stderr as stream:
            for line in stream:
                with self._news:
                    self.log.append(line.rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            self._has_said_all = True
            self._news.notify_all()

    def _announced(self, pattern):
        """What a line of the log says in the place of the pattern's group."""
        def found():
            matches = (re.search(pattern, line) for line in self.log)
            return next((match[1] for match in matches if match), None)

        with self._news:
            said = self._news.wait_for(lambda: found() or self._has_said_all, timeout=10) and found()
        if not said:
            self.kill()
            raise AssertionError(f"the server does not log {pattern}: {self.log}")
        return said

    @property
    def pid(self):
        return self._process.pid

    @property
    def is_alive(self):
        return self._process.poll() is None

    @property
    def websocket_url(self):
        return self.url.replace("http://", "ws://") + "/stomp/chat"

    def terminate(self):
        """Asks it to end."""
        self.was_told_to_end = True
        self._process.send_signal(signal.SIGTERM)

    def interrupt(self):
        """Asks it to end as somebody at the keyboard does."""
        self.was_told_to_end = True
        self._process.send_signal(signal.SIGINT)

    def kill(self):
        """Ends it as a crash does, and waits for that."""
        self.was_told_to_end = True
        self._process.kill()
        self._process.wait(10)
        self._reader.join(10)

    def wait(self, seconds=10):
        """Waits for its end; answers with its exit status."""
        status = self._process.wait(seconds)
        self._reader.join(10)
        return status

    def stop(self):
        """Ends it, unless it ended already, and answers with its exit status."""
        if self.is_alive:
            self.terminate()
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        has_died = not self.is_alive and not self.was_told_to_end
        status = self.stop()
        assert not has_died, f"the server ended by itself with {status}: {self.log[-5:]}"
