"""Whether an episode of DROID's raw layout can be used."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from vjepa2_data.broken_episode import BrokenEpisodeError
from vjepa2_data.droid_layout import (
    CARTESIAN_POSITION,
    GRIPPER_POSITION,
    capture_key,
    extrinsics_key,
    open_trajectory,
    read_metadata,
    read_rows,
    video_path,
)
from vjepa2_data.index import IndexedEpisode
from vjepa2_data.video import Video

ALL = slice(None)


def check_droid_episode(root: Path, path: str, camera: str) -> IndexedEpisode:
    """The episode in `root / path`; BrokenEpisodeError says why it can't be used.

    All states are read, but only the header and the first frame of the video: a cut-off video is
    noticed, damage in its middle only when that is read.
    """
    folder = root / path
    metadata = read_metadata(folder)
    with open_trajectory(folder) as trajectory:
        states = len(read_rows(trajectory, CARTESIAN_POSITION, 6, ALL))
        gripper = len(read_rows(trajectory, GRIPPER_POSITION, None, ALL))
        if states != gripper:
            raise BrokenEpisodeError(
                "wrong shape", f"{states} poses but {gripper} gripper positions in {folder}"
            )
        file = video_path(folder, metadata, camera)
        extrinsics = _has_extrinsics(trajectory, file.stem, states)
        captured_fps = _captured_fps(trajectory, file.stem)
    with Video(file) as video:
        video.read([0])
        frames, fps = min(len(video), states), video.fps
    success = metadata.get("success")
    return IndexedEpisode(
        name=path if path != "." else root.resolve().name,
        path=path,
        kind="droid",
        frames=frames,
        fps=fps,
        camera=camera,
        success=success if isinstance(success, bool) else None,
        extrinsics=extrinsics,
        captured_fps=captured_fps,
    )


def _has_extrinsics(trajectory: h5py.File, serial: str, length: int) -> bool:
    try:
        return len(read_rows(trajectory, extrinsics_key(serial), 6, ALL)) == length
    except BrokenEpisodeError:
        return False


def _captured_fps(trajectory: h5py.File, serial: str) -> float | None:
    try:
        times = read_rows(trajectory, capture_key(serial), None, ALL)
    except BrokenEpisodeError:
        return None
    interval = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    return 1000.0 / interval if interval > 0 else None
