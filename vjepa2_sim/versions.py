"""Versions of what a result depends on, to be kept with it."""

from __future__ import annotations

import platform
from importlib.metadata import version

DISTRIBUTIONS = ("vjepa2-robot-stack", "torch", "mujoco", "franky-control", "franky-sim")


def versions() -> dict[str, str]:
    """Version of Python and of each distribution."""
    return {"python": platform.python_version()} | {name: version(name) for name in DISTRIBUTIONS}
