"""Where things are in an episode of DROID's raw layout.

    trajectory.h5                   states and extrinsics, one row a step
    metadata_<uuid>.json            which video is which view
    recordings/MP4/<serial>.mp4     one video a camera

Source: https://droid-dataset.github.io, and the official reader (facebookresearch/vjepa2,
app/vjepa_droid/droid.py).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from vjepa2_data.broken_episode import BrokenEpisodeError
from vjepa2_data.inside import inside

TRAJECTORY = "trajectory.h5"
VIDEOS = "recordings/MP4"
CARTESIAN_POSITION = "observation/robot_state/cartesian_position"
GRIPPER_POSITION = "observation/robot_state/gripper_position"
"""DROID's gripper position is the closedness: 0 open, 1 closed."""
MAX_ROWS = 10_000_000
"""A week at 15 a second: a file that claims more would fill the memory with nothing."""


def extrinsics_key(serial: str) -> str:
    """Pose of the camera's left eye, the one that is in the video."""
    return f"observation/camera_extrinsics/{serial}_left"


def capture_key(serial: str) -> str:
    """Milliseconds at which the frames were taken."""
    return f"observation/timestamp/cameras/{serial}_estimated_capture"


def read_metadata(folder: Path) -> dict[str, Any]:
    """The episode's metadata; BrokenEpisodeError where there are none."""
    files = sorted(folder.glob("metadata*.json")) or sorted(folder.glob("*.json"))
    if not files:
        raise BrokenEpisodeError("no metadata", f"no metadata_*.json in {folder}")
    try:
        metadata = json.loads(files[0].read_bytes())
    except (OSError, ValueError) as fault:  # includes bytes that are no UTF-8
        raise BrokenEpisodeError("metadata unreadable", f"{files[0]}: {fault}") from fault
    if not isinstance(metadata, dict):
        raise BrokenEpisodeError("metadata unreadable", f"{files[0]} holds no JSON object")
    return metadata


def video_path(folder: Path, metadata: dict[str, Any], camera: str) -> Path:
    """The video of a view; of its path in the metadata only the end holds after a move."""
    recorded = metadata.get(f"{camera}_mp4_path")
    if not isinstance(recorded, str) or not recorded:
        views = [key[: -len("_mp4_path")] for key in metadata if key.endswith("_mp4_path")]
        there = ", ".join(views) or "none"
        raise BrokenEpisodeError(f"no {camera} camera", f"{folder} has these: {there}")
    return inside(folder / VIDEOS, recorded.split(f"{VIDEOS}/")[-1])


def open_trajectory(folder: Path) -> h5py.File:
    path = folder / TRAJECTORY
    if not path.is_file():
        raise BrokenEpisodeError("trajectory is missing", str(path))
    try:
        # Nobody writes to it, and network file systems often can't lock.
        return h5py.File(path, "r", locking=False)
    except OSError as fault:
        raise BrokenEpisodeError("trajectory unreadable", f"{path}: {fault}") from fault


def read_rows(
    trajectory: h5py.File, key: str, width: int | None, rows: slice | NDArray[np.int64]
) -> NDArray[np.float64]:
    """Finite rows [T,width], or [T] where width is None, of a data set in the trajectory."""
    data = trajectory.get(key)
    where = f"{key} in {trajectory.filename}"
    if not isinstance(data, h5py.Dataset):
        raise BrokenEpisodeError(f"trajectory lacks {key}", trajectory.filename)
    if data.ndim != (1 if width is None else 2) or (width and data.shape[1] != width):
        expected = "[T]" if width is None else f"[T,{width}]"
        raise BrokenEpisodeError("wrong shape", f"{where} is {list(data.shape)}, not {expected}")
    if len(data) > MAX_ROWS:
        raise BrokenEpisodeError("wrong shape", f"{where} claims to have {len(data)} rows")
    try:
        values = np.asarray(data[rows], dtype=np.float64)
    except (OSError, ValueError, TypeError, IndexError) as fault:
        raise BrokenEpisodeError("trajectory unreadable", f"{where}: {fault}") from fault
    if not np.isfinite(values).all():
        raise BrokenEpisodeError("values not finite", where)
    return values
