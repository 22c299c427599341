"""Building the index of a data set: every episode is looked at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from math import ceil
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from vjepa2_data.broken_episode import BrokenEpisodeError
from vjepa2_data.dataset_walk import find_data
from vjepa2_data.droid_check import check_droid_episode
from vjepa2_data.episode_reader import stride
from vjepa2_data.index import Index, IndexedEpisode, Skipped

_Checked = list[IndexedEpisode | Skipped]

CLIP_FPS = 4.0
MIN_FRAMES = 8
"""Clip length of the official post-training (its 8 frames at 4 fps)."""
EPISODES_PER_WORKER = 100
"""A process takes a second to start, in which one checks about this many episodes."""


def build_index(
    root: Path,
    workers: int | None = None,
    camera: str = "left",
    min_frames: int = MIN_FRAMES,
    fps: float | None = None,
) -> Index:
    """Look at every episode under `root` (DROID's raw layout, LeRobot data sets), at any depth.

    An episode that is broken, or that has under `min_frames` frames at 4 fps, is skipped with the
    reason; nothing that is wrong with one episode is raised. camera: "left", "right" or "wrist",
    or any camera of a LeRobot data set. workers: processes; by default as many as pay. fps:
    overrules the videos' headers. NotADirectoryError where root is no folder.
    """
    if not root.is_dir():
        raise NotADirectoryError(f"{root} is no folder; it should hold episodes")
    console = Console(stderr=True)
    with console.status(f"looking for episodes in {root}"):
        found = [*find_data(root)]
    check = partial(_check, root, camera=camera, min_frames=min_frames, fps=fps)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    episodes: list[IndexedEpisode] = []
    skipped: list[Skipped] = []
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("checking", total=len(found))
        for checked in _each(check, found, workers):
            episodes += [one for one in checked if isinstance(one, IndexedEpisode)]
            skipped += [one for one in checked if isinstance(one, Skipped)]
            progress.advance(task)
    return Index(
        root,
        tuple(sorted(episodes, key=lambda episode: episode.name)),
        tuple(sorted(skipped, key=lambda one: one.path)),
    )


def _each(
    check: partial[_Checked], found: list[tuple[str, str]], workers: int | None
) -> Iterator[_Checked]:
    if workers is None:
        workers = min(os.cpu_count() or 1, len(found) // EPISODES_PER_WORKER)
    if workers <= 1:
        yield from map(check, found)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(check, found, chunksize=8)


def _check(
    root: Path, found: tuple[str, str], camera: str, min_frames: int, fps: float | None
) -> _Checked:
    kind, path = found
    try:
        return [_long_enough(one, min_frames, fps) for one in _look(kind, root, path, camera)]
    except BrokenEpisodeError as fault:
        return [Skipped(path, fault.reason, fault.detail)]
    except Exception as fault:  # whatever is wrong with one, the others are good
        return [Skipped(path, f"unexpected {type(fault).__name__}", str(fault))]


def _look(kind: str, root: Path, path: str, camera: str) -> Iterable[IndexedEpisode | Skipped]:
    if kind == "lerobot":
        # Imported here: reading tables needs packages that DROID's layout does without.
        from vjepa2_data.lerobot_index import index_lerobot

        return index_lerobot(root, path, camera)
    return [check_droid_episode(root, path, camera)]


def _long_enough(
    checked: IndexedEpisode | Skipped, min_frames: int, fps: float | None
) -> IndexedEpisode | Skipped:
    if isinstance(checked, Skipped):
        return checked
    episode = replace(checked, fps=fps or checked.fps)
    frames = ceil(episode.frames / stride(episode.fps, CLIP_FPS))
    if frames >= min_frames:
        return episode
    return Skipped(
        episode.path,
        "too short",
        f"{episode.name} has {frames} frames at {CLIP_FPS:g} fps, under {min_frames}",
    )
