"""Clips of an episode in a LeRobot data set."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vjepa2_data.broken_episode import BrokenEpisodeError
from vjepa2_data.clip import Clip
from vjepa2_data.index import IndexedEpisode
from vjepa2_data.lerobot_dataset import read_dataset
from vjepa2_data.lerobot_table import EpisodeRows, read_table, rows_of
from vjepa2_data.video import Video

# Millions of clips are read from a few data sets, whose description may list 100,000 episodes.
_known_dataset = lru_cache(maxsize=8)(read_dataset)


class LeRobotReader:
    """An EpisodeReader: frame i is row i of the episode, its picture found by its timestamp."""

    def __init__(self, root: Path, episode: IndexedEpisode) -> None:
        self._dataset = _known_dataset(root / episode.path, episode.camera)
        number = int(episode.name.rpartition("_")[2])
        if number not in self._dataset.episodes:
            raise BrokenEpisodeError("episode is missing", f"{episode.name} in {root}")
        self._stored = self._dataset.episodes[number]
        self._episode = episode

    def read(self, frames: Sequence[int]) -> Clip:
        """See EpisodeReader."""
        chosen = np.asarray(frames, dtype=np.int64)
        absent = chosen[(chosen < 0) | (chosen >= self._episode.frames)]
        if absent.size:
            name, length = self._episode.name, self._episode.frames
            raise IndexError(f"{name} has {length} frames, none of index {absent[0]}")
        rows = self._rows
        pictures = picture_indices(rows.seconds, self._stored.start, self._dataset.fps)
        return Clip(
            self._video.read(pictures[chosen].tolist()),
            rows.states[chosen],
            None if rows.extrinsics is None else rows.extrinsics[chosen],
            self._episode.name,
        )

    def close(self) -> None:
        if "_video" in self.__dict__:
            self._video.close()
            del self.__dict__["_video"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def _rows(self) -> EpisodeRows:
        table = read_table(self._dataset, self._stored.data, self._stored.number)
        return rows_of(self._dataset, table, self._stored)

    @cached_property
    def _video(self) -> Video:
        return Video(self._stored.video)


def picture_indices(seconds: NDArray[np.float64], start: float, fps: float) -> NDArray[np.int64]:
    """Indices in the video of the pictures at `seconds` [T] after `start` [s].

    BrokenEpisodeError where no picture is near: LeRobot videos have a constant rate.
    """
    exact = (start + seconds) * fps
    indices = np.rint(exact).astype(np.int64)
    near = (np.abs(exact - indices) <= 0.25).all()
    if not near or indices[0] < 0 or (np.diff(indices) <= 0).any():
        raise BrokenEpisodeError(
            "timestamps are not those of pictures", f"at {fps:g} frames per second"
        )
    return indices
