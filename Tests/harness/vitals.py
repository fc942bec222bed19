"""What a process holds, as the kernel counts it."""

import os
import re
from pathlib import Path


class Vitals:
    """A live process: memory in bytes, descriptors, threads."""

    def __init__(self, pid):
        self._directory = Path(f"/proc/{pid}")

    @property
    def resident_bytes(self):
        return self._status("VmRSS") * 1024

    @property
    def peak_bytes(self):
        """The most that was resident since `forget_peak`."""
        return self._status("VmHWM") * 1024

    def forget_peak(self):
        (self._directory / "clear_refs").write_text("5")

    @property
    def descriptors(self):
        return len(os.listdir(self._directory / "fd"))

    @property
    def threads(self):
        return self._status("Threads")

    def _status(self, name):
        status = (self._directory / "status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)[1])
