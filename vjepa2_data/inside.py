"""Paths that stand in a data set's own files, which may come from anywhere."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from vjepa2_data.broken_episode import BrokenEpisodeError


def inside(folder: Path, path: str) -> Path:
    """`folder / path`; BrokenEpisodeError where that would lead out of the folder.

    Links are not resolved: downloaded data sets consist of them.
    """
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts:
        raise BrokenEpisodeError("path leads out of the data set", f"{path!r} in {folder}")
    return folder / pure
