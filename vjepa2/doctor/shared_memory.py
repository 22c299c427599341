"""Room for camera images on their way between processes."""

from __future__ import annotations

import os
from pathlib import Path

from vjepa2.doctor.finding import Finding, missing, ok, warning
from vjepa2.doctor.host import Host

FOLDER = Path("/dev/shm")
SEGMENT = 32 * 2**20
"""That of each process, see config/fastdds.xml [bytes]."""
PROCESSES = 8


def check(host: Host) -> Finding:
    """Of this host, or of the container that this runs in."""
    return judge(FOLDER)


def judge(folder: Path) -> Finding:
    """By the space that is free there."""
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return missing("shared memory", f"{folder} cannot be written to", "mount a tmpfs there")
    space = os.statvfs(folder)
    free = space.f_bavail * space.f_frsize
    found = f"{free / 2**20:.0f} MiB free in {folder}"
    if free < PROCESSES * SEGMENT:
        return warning(
            "shared memory",
            found,
            f"images may be lost: {PROCESSES * SEGMENT / 2**20:.0f} MiB are wanted "
            "(in a container: shm_size), and what dead programs left may be removed",
        )
    return ok("shared memory", found)
