"""An episode in memory, ready to be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Recording:
    """One frame and one state a step.

    frames: uint8 [T,H,W,3] RGB, H and W even (H.264). states: float64 [T,7], x y z [m, base
    frame], extrinsic xyz Euler angles [rad], closedness 0 to 1. fps: frames per second.
    camera: name of its video, as DROID's serial numbers. extrinsics: [T,6], pose of the camera in
    the base frame, or None. metadata: whatever JSON can hold, such as success, seed or light.
    ValueError names what is wrong.
    """

    frames: NDArray[np.uint8] = field(repr=False)
    states: NDArray[np.float64] = field(repr=False)
    fps: float
    camera: str = "external"
    extrinsics: NDArray[np.float64] | None = field(default=None, repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_frames(self.frames)
        length = len(self.frames)
        _check_rows("states", self.states, (length, 7))
        if self.extrinsics is not None:
            _check_rows("extrinsics", self.extrinsics, (length, 6))
        if not (np.isfinite(self.fps) and self.fps > 0):
            raise ValueError(f"fps is {self.fps}; it must be positive")
        check_camera_name(self.camera)


def check_camera_name(camera: str) -> None:
    """ValueError if it can't be that of a video file."""
    if not camera or "/" in camera or camera.startswith("."):
        raise ValueError(f"camera {camera!r} can't name a video file")


def _check_frames(frames: NDArray[np.uint8]) -> None:
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[-1] != 3 or not frames.size:
        raise ValueError(
            f"frames are {frames.dtype} {list(frames.shape)}; they must be uint8 [T,H,W,3]"
        )
    if frames.shape[1] % 2 or frames.shape[2] % 2:
        raise ValueError(
            f"frames are {frames.shape[2]} x {frames.shape[1]} pixels; H.264 needs even edges"
        )


def _check_rows(name: str, rows: NDArray[np.float64], shape: tuple[int, int]) -> None:
    if rows.shape != shape:
        raise ValueError(f"{name} are {list(rows.shape)}; they must be {list(shape)}")
    if rows.dtype.kind != "f":
        raise ValueError(f"{name} are {rows.dtype}; they must be floats")
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if bad.size:
        raise ValueError(f"{name} at step {bad[0]} are not finite: {rows[bad[0]].tolist()}")
