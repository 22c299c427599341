"""Finding the data in a folder, at any depth."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from vjepa2_data.droid_layout import TRAJECTORY

LEROBOT_INFO = "meta/info.json"


def find_data(root: Path) -> Iterator[tuple[str, str]]:
    """Kind ("droid": one episode; "lerobot": a whole data set) and path of each folder of data.

    Sorted, relative to root. Links are followed, but no folder is entered twice. Unfinished
    (`.partial`) and hidden folders are left out.
    """
    entered = set()
    for folder, below, files in os.walk(root, followlinks=True):
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in entered:
            below.clear()
            continue
        entered.add((status.st_dev, status.st_ino))
        path = Path(folder).relative_to(root).as_posix()
        below[:] = sorted(
            name for name in below if not name.startswith(".") and not name.endswith(".partial")
        )
        if TRAJECTORY in files:
            yield "droid", path
            below.clear()
        elif (Path(folder) / LEROBOT_INFO).is_file():
            yield "lerobot", path
            below.clear()
        elif any((Path(folder) / "recordings" / kind).is_dir() for kind in ("MP4", "SVO")):
            yield "droid", path  # an episode without its trajectory: to be counted
            below.clear()
