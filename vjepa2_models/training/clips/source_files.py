"""Files of a source: which there are, which are held out, and what tells them from others."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from vjepa2_models.training.engine import fingerprints

Paths = tuple[Path, ...]
VIDEOS = (".mp4", ".webm", ".mkv", ".avi", ".mov")
IMAGES = (".jpg", ".jpeg", ".png", ".webp")


def find_files(folder: Path, endings: Sequence[str]) -> Paths:
    """All files under a folder with one of these endings, sorted.

    Raises:
        FileNotFoundError: if there are none.
    """
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in endings)
    if not found:
        raise FileNotFoundError(f"no {', '.join(endings)} under {folder}")
    return tuple(found)


def split_paths(paths: Paths, held_out: float) -> tuple[Paths, Paths]:
    """Files to train on and held out, at least one of each; a file's name decides."""
    if len(paths) < 2:
        raise ValueError(f"one file alone ({paths[0]}) can't be split: set held_out to 0")
    ranked = sorted(paths, key=lambda path: hashlib.sha256(path.name.encode()).digest())
    count = min(max(1, round(held_out * len(paths))), len(paths) - 1)
    rest = frozenset(ranked[:count])
    return tuple(p for p in paths if p not in rest), tuple(p for p in paths if p in rest)


def of_files(paths: Sequence[Path]) -> str:
    """A fingerprint of files: their names and sizes."""
    return fingerprints.of_values([(path.name, path.stat().st_size) for path in paths])
