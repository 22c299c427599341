"""The index as a file, `index.json` in the data set's folder."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vjepa2_data.index import Index, IndexedEpisode, Skipped
from vjepa2_data.index_builder import build_index
from vjepa2_data.inside import inside

INDEX = "index.json"
FORMAT = 1
EXAMPLES = 3


class EmptyIndexError(ValueError):
    """There is no usable episode."""


def write_index(index: Index) -> None:
    """Write the index to `root / index.json`, at once; OSError names it, where that fails."""
    content = {
        "format": FORMAT,
        "episodes": [asdict(episode) for episode in index.episodes],
        "skipped": [asdict(skipped) for skipped in index.skipped],
    }
    path = index.root / INDEX
    # Several processes of one training may build it at the same time.
    partial = path.with_name(f"{INDEX}.{os.getpid()}.partial")
    try:
        partial.write_text(json.dumps(content, indent=1) + "\n")
        partial.replace(path)
    except OSError as fault:  # that of a full disk names no file
        raise OSError(fault.errno, f"can't write {path}: {fault.strerror}") from fault
    finally:
        partial.unlink(missing_ok=True)


def read_index(root: Path, camera: str | None = None) -> Index:
    """The index of a data set; built, and written where that is allowed, if there is none.

    camera: the view that is wanted, None for that of the index. Later changes to the data are not
    noticed: `vjepa2 data index ROOT` builds it anew. EmptyIndexError says why no episode is
    usable; ValueError, that the file is of another format or camera.
    """
    path = root / INDEX
    if not path.is_file():
        index = build_index(root, camera=camera or "left")
        if index.episodes and os.access(root, os.W_OK):
            write_index(index)
        return not_empty(index)
    remedy = f"build it anew with `vjepa2 data index {root}`"
    try:
        index = _index(root, json.loads(path.read_bytes()))
    except (ValueError, TypeError, KeyError) as fault:
        raise ValueError(f"{path} is no index of format {FORMAT} ({fault}); {remedy}") from fault
    other = sorted({episode.camera for episode in index.episodes} - {camera or ""})
    if camera and other:
        raise ValueError(f"{path} is of the {other[0]} camera; {remedy} --camera {camera}")
    return not_empty(index)


def not_empty(index: Index) -> Index:
    """The index, or EmptyIndexError with the commonest reasons."""
    if index.episodes:
        return index
    if not index.skipped:
        raise EmptyIndexError(
            f"no episodes in {index.root}: no folder with a trajectory.h5 (DROID's raw layout) "
            "and none with a meta/info.json (LeRobot)"
        )
    reasons = "; ".join(
        f"{len(skipped)} x {reason} ({skipped[0].detail or skipped[0].path})"
        for reason, skipped in [*index.reasons().items()][:EXAMPLES]
    )
    raise EmptyIndexError(f"no usable episode in {index.root}; skipped: {reasons}")


def _index(root: Path, content: dict[str, Any]) -> Index:
    if content["format"] != FORMAT:
        raise ValueError(f"its format is {content['format']}")
    episodes = tuple(IndexedEpisode(**episode) for episode in content["episodes"])
    for path in {episode.path for episode in episodes}:
        inside(root, path)
    return Index(
        root,
        episodes,
        tuple(Skipped(**skipped) for skipped in content["skipped"]),
    )
