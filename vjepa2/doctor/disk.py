"""Room for runs, recordings and weights."""

from __future__ import annotations

import shutil
from pathlib import Path

from vjepa2.doctor.finding import Finding, missing, ok, warning
from vjepa2.doctor.host import Host

LEAST = 1.0  # GB
COMFORTABLE = 20.0  # GB


def check(host: Host) -> Finding:
    """Where this was started, and where `runs` will be."""
    folder = Path.cwd()
    return judge(folder, shutil.disk_usage(folder).free / 1e9)


def judge(folder: Path, free: float) -> Finding:
    """By the space left [GB]."""
    found = f"{free:.1f} GB free in {folder}"
    if free < LEAST:
        return missing("disk", found, "make room, or work in another folder")
    if free < COMFORTABLE:
        return warning("disk", found, "enough for runs; released weights and recordings need more")
    return ok("disk", found)
