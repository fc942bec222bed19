"""What this machine has to measure with: cores, descriptors, and the kernel's accounts of CPU."""

import os
import pathlib
import resource

_cores = sorted(os.sched_getaffinity(0))

ALL_CORES = ",".join(str(core) for core in _cores)
# A server has the first core to itself; whoever drives it uses the last one.
SERVER_CORE = str(_cores[0])
GENERATOR_CORE = str(_cores[-1])
CORE_COUNT = len(_cores)


def description():
    """What a reader of the figures must know of where they come from."""
    return f"{CORE_COUNT} cores, Linux {os.uname().release}"


def raise_descriptor_limit():
    """Takes as many descriptors as a process may have here, and says how many that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def thread_cpu_seconds(pid):
    """The CPU time of each thread of a process so far, by thread id, with the thread's name."""
    threads = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            name = (task / "comm").read_text().strip()
            nanoseconds = int((task / "schedstat").read_text().split()[0])
        except OSError:
            continue  # The thread has just ended.
        threads[task.name] = (name, nanoseconds / 1e9)
    return threads


def thread_cpu_between(before, after):
    """What each thread used between two looks: (name, seconds) of each, most first."""
    used = [
        (name, seconds - before.get(thread, (name, 0.0))[1])
        for thread, (name, seconds) in after.items()]
    return sorted(used, key=lambda thread: -thread[1])
