"""Reading clips of an indexed episode, whatever its layout."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from vjepa2_data.clip import Clip
from vjepa2_data.droid_reader import DroidReader
from vjepa2_data.index import IndexedEpisode


class EpisodeReader(Protocol):
    """An open episode; a context manager, which closes its files."""

    def read(self, frames: Sequence[int]) -> Clip:
        """The frames of these indices (strictly ascending) and the states at them.

        IndexError for a frame that the episode does not have; BrokenEpisodeError, with the
        file's name, where the files are damaged or have gone.
        """
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def open_episode(root: Path, episode: IndexedEpisode) -> EpisodeReader:
    """The reader of an episode in the index of `root`; opening it is cheap."""
    if episode.kind == "lerobot":
        # Imported here: reading tables needs packages that DROID's layout does without.
        from vjepa2_data.lerobot_reader import LeRobotReader

        return LeRobotReader(root, episode)
    return DroidReader(root, episode)


def stride(video_fps: float, fps: float) -> int:
    """Frames from one of a clip to its next, so that it has at most `fps` frames per second.

    ceil(video_fps / fps), the rule of the official training (facebookresearch/vjepa2,
    app/vjepa_droid); 15 fps at 4 fps is every 4th frame.
    """
    if min(video_fps, fps) <= 0:
        raise ValueError(f"no stride from {video_fps} to {fps} frames per second")
    # A header's 29.97 may come back as 29.970001: no extra frame for the rounding.
    return max(1, ceil(video_fps / fps - 1e-6))
