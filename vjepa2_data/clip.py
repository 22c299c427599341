"""A piece of an episode, as a model is trained on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames with the states of the arm at those frames.

    frames: uint8 [T,H,W,3] RGB. states: float32 [T,7], x y z [m, base frame], extrinsic xyz Euler
    angles [rad], closedness 0 to 1. extrinsics: float32 [T,6], pose of the camera in the base
    frame (x y z [m], extrinsic xyz Euler angles [rad]), None where the data has none.
    episode: its name in the index.
    """

    frames: NDArray[np.uint8]
    states: NDArray[np.float32]
    extrinsics: NDArray[np.float32] | None
    episode: str
