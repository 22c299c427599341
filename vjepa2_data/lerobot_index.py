"""Looking at every episode of a LeRobot data set once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path, PurePosixPath

import pyarrow as pa

from vjepa2_data.broken_episode import BrokenEpisodeError
from vjepa2_data.index import IndexedEpisode, Skipped
from vjepa2_data.lerobot_dataset import LeRobotDataset, StoredEpisode, read_dataset
from vjepa2_data.lerobot_reader import picture_indices
from vjepa2_data.lerobot_table import read_table, rows_of
from vjepa2_data.video import Video

THREADS = 4


def index_lerobot(
    root: Path, path: str = ".", camera: str = "left"
) -> Iterator[IndexedEpisode | Skipped]:
    """The episodes of the LeRobot data set at `root`/`path`, as an index of `root` has them.

    BrokenEpisodeError if the data set as a whole can't be used: another format, no end-effector
    state, no such camera.
    """
    dataset = read_dataset(root / path, camera)
    by_table = groupby(dataset.episodes.values(), key=lambda episode: episode.data)
    groups = [list(episodes) for _, episodes in by_table]

    def check(group: list[StoredEpisode]) -> list[IndexedEpisode | Skipped]:
        return [*_check_table(dataset, group, path, camera)]

    # Files are waited for most of the time.
    with ThreadPoolExecutor(THREADS) as pool:
        for checked in pool.map(check, groups):
            yield from checked


def _check_table(
    dataset: LeRobotDataset, group: list[StoredEpisode], path: str, camera: str
) -> Iterator[IndexedEpisode | Skipped]:
    """The episodes that share a table, which is read once."""
    table: pa.Table | BrokenEpisodeError
    try:
        table = read_table(dataset, group[0].data)
    except BrokenEpisodeError as fault:
        table = fault
    lengths: dict[Path, int] = {}  # of the videos, in pictures
    for episode in group:
        name = (PurePosixPath(path) / f"episode_{episode.number:06d}").as_posix()
        try:
            if isinstance(table, BrokenEpisodeError):
                raise table
            rows = rows_of(dataset, table, episode)
            pictures = picture_indices(rows.seconds, episode.start, dataset.fps)
            frames = int((pictures < _length(dataset, episode.video, lengths)).sum())
            yield IndexedEpisode(
                name=name,
                path=path,
                kind="lerobot",
                frames=frames,
                fps=dataset.fps,
                camera=camera,
                success=rows.success,
                extrinsics=rows.extrinsics is not None,
            )
        except BrokenEpisodeError as fault:
            yield Skipped(name, fault.reason, fault.detail)


def _length(dataset: LeRobotDataset, path: Path, lengths: dict[Path, int]) -> int:
    if path not in lengths:
        with Video(path) as video:
            video.read([0])
            if abs(video.fps / dataset.fps - 1.0) > 0.01:
                raise BrokenEpisodeError(
                    "video has another frame rate than its data set",
                    f"{path}: {video.fps:g} instead of {dataset.fps:g}",
                )
            lengths[path] = len(video)
    return lengths[path]
