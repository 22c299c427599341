"""Where a run keeps its results: `runs/<time>/`, with the link `runs/latest` to the newest."""

from __future__ import annotations

import os
from datetime import datetime
from itertools import count
from pathlib import Path


def new_run_folder(runs: Path, now: datetime | None = None) -> Path:
    """A new folder in `runs`, named after the time; never one that exists."""
    name = (now or datetime.now()).strftime("%Y-%m-%d_%H-%M-%S")
    for attempt in count(1):
        folder = runs / (name if attempt == 1 else f"{name}_{attempt}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise AssertionError("unreachable")


def link_latest(folder: Path) -> None:
    """Let `latest` beside the folder point to it, at no time to nothing."""
    new = folder.parent / f".latest-{os.getpid()}"
    new.symlink_to(folder.name)
    new.replace(folder.parent / "latest")
