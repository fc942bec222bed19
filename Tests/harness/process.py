"""What the kernel says of a process that runs."""

import os
from dataclasses import dataclass

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """What a process holds and has used, at one moment."""

    resident_bytes: int
    descriptors: int
    threads: int
    cpu_s: float


def usage_of(pid):
    """What a process uses now; None where it is gone (proc(5))."""
    try:
        with open(f"/proc/{pid}/status") as file:
            status = dict(line.split(":", 1) for line in file if ":" in line)
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
    except (FileNotFoundError, ProcessLookupError):
        return None
    if "VmRSS" not in status:
        # It has ended, and nobody has waited for it yet.
        return None
    return Usage(
        int(status["VmRSS"].split()[0]) * 1024, descriptors, int(status["Threads"]),
        (int(fields[11]) + int(fields[12])) / TICKS_PER_S)
