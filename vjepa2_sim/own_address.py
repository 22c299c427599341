"""A loopback address for the simulated robot of this process."""

from __future__ import annotations

import os


def own_address() -> str:
    """An address by process id, so that simulations on one machine do not meet."""
    pid = os.getpid()
    return f"127.{64 + (pid >> 16) % 64}.{pid >> 8 & 255}.{pid & 255}"
