"""Redis servers and nodes on them, for as long as a benchmark needs them."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

from harness import machine
from harness.programs import (
    PETNEXUS, ROOT, START_SECONDS, Failure, Server, Unavailable, end, pinned, scratch_directory)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Redis:
    """A redis-server that keeps nothing on disk."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"

    def __enter__(self):
        if not shutil.which("redis-server"):
            raise Unavailable("redis-server is not installed")
        self.process = subprocess.Popen(
            pinned(machine.ALL_CORES, [
                "redis-server", "--port", self.port, "--bind", "127.0.0.1", "--save", "",
                "--appendonly", "no", "--dir", self.scratch]),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(
                    ("127.0.0.1", self.port), timeout=1):
                return self
            time.sleep(0.02)
        self.__exit__()
        raise Failure("redis-server did not start")

    def __exit__(self, *_):
        end(self.process)

    def round_trip_ms(self):
        """The median of a PING alone on the connection, in milliseconds."""
        run = subprocess.run(
            ["redis-benchmark", "-p", str(self.port), "-t", "ping_mbulk", "-c", "1", "-n", "5000",
             "--csv"], capture_output=True, text=True, timeout=60, check=True)
        names, values = (line.split(",") for line in run.stdout.strip().splitlines()[:2])
        return float(dict(zip(names, values))['"p50_latency_ms"'].strip('"'))


def node(scratch, name, servers, loops=1):
    """A node on these Redis servers."""
    command = [
        PETNEXUS, "serve", "--port", 0, "--loops", loops, "--open-topics", "--node-name", name,
        "--topic", "load.**=history:1000", "--connections-per-address-max", 0,
        "--publishes-per-second-max", 0, "--unacknowledged-max", 256, "--drain-lead", "0s",
        "--drain", "1s", "--web", ROOT / "Web", "--jwt-secret", "a secret of the benchmark alone!!"]
    for server in servers:
        command += ["--redis", server.url]
    directory = pathlib.Path(scratch) / name
    directory.mkdir()
    server = Server(directory, command, machine.ALL_CORES)
    server.name = name
    return server


@contextlib.contextmanager
def cluster(redis_count, node_count):
    """So many Redis servers and nodes; answers with both lists."""
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(scratch_directory())
        servers = [stack.enter_context(Redis(scratch)) for _ in range(redis_count)]
        nodes = [
            stack.enter_context(node(scratch, f"n{number}", servers))
            for number in range(1, node_count + 1)]
        yield servers, nodes


def cpu_seconds(processes):
    """The CPU time that the processes have used so far, together."""
    ticks = 0
    for process in processes:
        stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text()
        fields = re.sub(r"^.*\) ", "", stat).split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
