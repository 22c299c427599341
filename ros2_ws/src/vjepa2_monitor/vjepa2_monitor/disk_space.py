"""Whether there is room for a recording: looked at before it starts, and while it grows."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from vjepa2_monitor.record_code import RecordCode, RecordError

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """run: of one recording, folder: of all in the folder together, free: to be left free [MB]."""

    run: float
    folder: float
    free: float


def check_folder(folder: Path, limits: Limits) -> None:
    """Make the folder where it is missing. RecordError where nothing may be recorded into it."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise RecordError(
            RecordCode.FOLDER_UNWRITABLE,
            f"{folder} cannot be written to: change its permissions, or record elsewhere",
        )
    check_free(folder, limits)
    recorded = sum(path.stat().st_size for path in folder.glob("*/*.mcap")) / MEGABYTE
    if recorded >= limits.folder:
        raise RecordError(
            RecordCode.FOLDER_FULL,
            f"the recordings in {folder} take {recorded:.0f} MB, and folder_limit is "
            f"{limits.folder:g}: move some away, or raise it",
        )


def check_free(folder: Path, limits: Limits) -> None:
    """RecordError where less space is free than is to stay free."""
    free = shutil.disk_usage(folder).free / MEGABYTE
    if free < limits.free:
        raise RecordError(
            RecordCode.DISK_LOW,
            f"{free:.0f} MB are free for {folder}, and min_free is {limits.free:g}: free some, "
            "or record elsewhere",
        )
