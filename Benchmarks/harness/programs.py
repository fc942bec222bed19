"""Starts, drives and ends the programs that are measured."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from harness import machine

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RELEASE = ROOT / ".build" / "release"
PETNEXUS = os.environ.get("PETNEXUS", str(RELEASE / "petnexus"))
LOADTEST = os.environ.get("LOADTEST", str(RELEASE / "loadtest"))
FLOOR = os.environ.get("FLOOR", str(RELEASE / "floor"))
MICRO = os.environ.get("MICRO", str(RELEASE / "micro"))

START_SECONDS = 60
END_SECONDS = 15
LOADTEST_SECONDS = 120


class Failure(Exception):
    """A run that says nothing: a program did not start, or something was lost."""


class Unavailable(Exception):
    """Something that would be measured is not there."""


def say(text):
    """Tells whoever waits what happens; results go to standard output alone."""
    print(text, file=sys.stderr, flush=True)


def end_programs_when_ended():
    """From here on SIGTERM unwinds the program like Ctrl-C, so that nothing it started outlives it."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


def scratch_directory():
    """A directory on the disk of the build, so that durable means durable; gone after the block."""
    (ROOT / ".build").mkdir(exist_ok=True)
    return tempfile.TemporaryDirectory(
        dir=ROOT / ".build", prefix="bench-", ignore_cleanup_errors=True)


def pinned(cores, command):
    """The command, on these cores only."""
    return [str(part) for part in ["taskset", "-c", cores, *command]]


class Server:
    """A program that says where it listens, for as long as the block runs."""

    announcement = re.compile(r"listening\b(?!-)[^\n]*?:(\d+)")

    def __init__(self, scratch, command, cores=machine.SERVER_CORE):
        self.log = pathlib.Path(scratch) / "server.log"
        self.command = pinned(cores, command)

    def __enter__(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                self.command, stdout=subprocess.PIPE, stderr=log, text=True)
        self.pid = self.process.pid
        try:
            self.port = self.announced_port()
        except BaseException:
            self.__exit__()
            raise
        return self

    def announced_port(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            found = self.announcement.search(self.log.read_text())
            if found:
                return int(found.group(1))
            time.sleep(0.02)
        raise Failure(f"{self.command[3]} did not start; it said: {self.log.read_text().strip()}")

    def __exit__(self, *_):
        end(self.process)
        self.process.stdout.close()


def end(process):
    """Asks a process to end, and sees to it."""
    process.terminate()
    try:
        process.wait(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def petnexus(loops=1, cores=machine.SERVER_CORE):
    """PetNexus with an empty store of its own, ready for clients."""
    with scratch_directory() as scratch:
        command = [
            PETNEXUS, "serve", "--port", 0, "--data", pathlib.Path(scratch) / "data",
            "--loops", loops, "--open-topics", "--connections-per-address-max", 0,
            "--connections-max", 100_000, "--publishes-per-second-max", 0,
            "--drain-lead", "0s", "--drain", "1s", "--web", ROOT / "Web"]
        with Server(scratch, command, cores) as server:
            server.path = "/stomp/chat"
            yield server


@contextlib.contextmanager
def relay(*flags, cores=machine.SERVER_CORE):
    """The floor, passing on what its members send."""
    with scratch_directory() as scratch:
        with Server(scratch, [FLOOR, "--relay", *flags], cores) as server:
            server.path = "/{room}"
            yield server


def loadtest(url, scenario, *flags, cores=machine.GENERATOR_CORE, yields=False):
    """Runs loadtest and returns what it measured. Fails where something was lost or broke.

    Where it `yields`, it does not interrupt whoever uses its cores, but waits for its turn.
    """
    with scratch_directory() as scratch:
        results = pathlib.Path(scratch) / "results.json"
        arguments = ["run", "--url", url, "--scenario", scenario, *flags]
        command = pinned(cores, [LOADTEST, *arguments, "--json", results])
        if yields:
            command = ["chrt", "--batch", "0", *command]
        say("    loadtest " + " ".join(str(flag) for flag in arguments))
        try:
            run = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                timeout=LOADTEST_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"loadtest took longer than {LOADTEST_SECONDS} s") from error
        if run.returncode != 0:
            raise Failure(f"loadtest failed: {summary(run.stdout, run.stderr)}")
        return json.loads(results.read_text())


def summary(stdout, stderr):
    """What a run that failed said, without its progress."""
    wrong = [line for line in stdout.splitlines() if re.match(r"wrong|failed|unsent", line)]
    return "; ".join(wrong or stderr.splitlines()[-3:])


def drive(server, scenario, *flags, **generator):
    """Runs loadtest against a server and adds what each of the server's threads used."""
    before = machine.thread_cpu_seconds(server.pid)
    results = loadtest(
        f"ws://127.0.0.1:{server.port}{server.path}", scenario, "--pid", server.pid, *flags,
        **generator)
    results["threads"] = machine.thread_cpu_between(
        before, machine.thread_cpu_seconds(server.pid))
    return results


def floor(rooms, members, rate, frame_bytes, seconds, *flags):
    """Lets the floor send by the clock, and returns its CPU per delivery and the latency."""
    command = [
        FLOOR, "--rooms", rooms, "--members", members, "--rate", rate, "--size", frame_bytes,
        "--duration", f"{seconds}s", *flags]
    say("    floor " + " ".join(str(part) for part in command[1:]))
    with scratch_directory() as scratch, Server(scratch, command) as server:
        results = loadtest(
            f"ws://127.0.0.1:{server.port}/", "sink", "--connections", rooms * members)
        said = server.process.stdout.read()
    found = re.search(r"([\d.]+) µs CPU per delivery", said)
    if not found:
        raise Failure(f"the floor failed: {said.strip()}")
    results["serverCPUPerDeliveryUs"] = float(found.group(1))
    return results


def micro(prefixes):
    """Runs the micro-benchmarks whose names begin with one of these; returns them by name."""
    if not os.path.exists(MICRO):
        raise Unavailable("the product micro is not built")
    figures = {}
    for prefix in prefixes:
        with scratch_directory() as scratch:
            results = pathlib.Path(scratch) / "results.json"
            say(f"    micro --only {prefix}")
            run = subprocess.run(
                pinned(machine.SERVER_CORE, [MICRO, "--only", prefix, "--json", results]),
                capture_output=True, text=True)
            if run.returncode != 0:
                raise Failure(f"micro failed: {run.stderr.strip()[-300:]}")
            figures |= {each["name"]: each for each in json.loads(results.read_text())}
    return figures
