"""Reading an episode of DROID's raw layout."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vjepa2_data.clip import Clip
from vjepa2_data.droid_layout import (
    CARTESIAN_POSITION,
    GRIPPER_POSITION,
    extrinsics_key,
    open_trajectory,
    read_metadata,
    read_rows,
    video_path,
)
from vjepa2_data.index import IndexedEpisode
from vjepa2_data.video import Video


class DroidReader:
    """An open episode; frame i of the video goes with row i of the trajectory."""

    def __init__(self, root: Path, episode: IndexedEpisode) -> None:
        folder = root / episode.path
        self._episode = episode
        with ExitStack() as files:
            self._trajectory = files.enter_context(open_trajectory(folder))
            path = video_path(folder, read_metadata(folder), episode.camera)
            self._video = files.enter_context(Video(path))
            self._extrinsics = extrinsics_key(path.stem)
            self._files = files.pop_all()

    def read(self, frames: Sequence[int]) -> Clip:
        """See EpisodeReader."""
        pictures = self._video.read(frames)
        rows = np.asarray(frames, dtype=np.int64)
        if rows[-1] >= self._episode.frames:
            raise IndexError(
                f"{self._episode.name} has {self._episode.frames} frames, none of index {rows[-1]}"
            )
        extrinsics = None
        if self._episode.extrinsics:
            extrinsics = self._rows(self._extrinsics, 6, rows).astype(np.float32)
        pose = self._rows(CARTESIAN_POSITION, 6, rows)
        closedness = self._rows(GRIPPER_POSITION, None, rows)
        states = np.column_stack([pose, closedness]).astype(np.float32)
        return Clip(pictures, states, extrinsics, self._episode.name)

    def close(self) -> None:
        self._files.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _rows(self, key: str, width: int | None, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return read_rows(self._trajectory, key, width, rows)
