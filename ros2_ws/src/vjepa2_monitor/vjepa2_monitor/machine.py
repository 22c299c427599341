"""What a plan's bits depend on besides its inputs."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")


def machine() -> dict[str, str]:
    """Processor, Python and torch, as they are kept with a recording and told apart later."""
    return {
        "processor": _processor(),
        "python": platform.python_version(),
        "torch": version("torch"),
        "vjepa2": version("vjepa2-robot-stack"),
    }


def _processor() -> str:
    if CPU_INFO.is_file():
        for line in CPU_INFO.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
