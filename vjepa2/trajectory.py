"""Frames of a motion with the arm's states, from wherever the analysis commands get them."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vjepa2_poses import actions_from_states


@dataclass(frozen=True, eq=False)
class Trajectory:
    """frames: RGB uint8 [T,H,W,3]. states: float32 [T,7] at them, T at least 2. name: for people.

    extrinsics: float32 [T,6], the camera's pose (x y z [m], Euler angles [rad]) where it is known.
    Raises ValueError for another shape and for states that are not finite.
    """

    frames: NDArray[np.uint8]
    states: Tensor
    name: str
    extrinsics: Tensor | None = None

    def __post_init__(self) -> None:
        shape = self.frames.shape
        if self.frames.dtype != np.uint8 or len(shape) != 4 or shape[-1] != 3 or shape[0] < 2:
            raise ValueError(
                f"{self.name}: frames must be uint8 [T, H, W, 3] with T >= 2, not "
                f"{self.frames.dtype} {list(shape)}"
            )
        if tuple(self.states.shape) != (shape[0], 7):
            raise ValueError(
                f"{self.name}: {shape[0]} frames need states [{shape[0]}, 7], not "
                f"{list(self.states.shape)}"
            )
        if not self.states.isfinite().all():
            raise ValueError(f"{self.name}: holds states that are not finite")
        if self.extrinsics is not None and tuple(self.extrinsics.shape) != (shape[0], 6):
            raise ValueError(
                f"{self.name}: {shape[0]} frames need extrinsics [{shape[0]}, 6], not "
                f"{list(self.extrinsics.shape)}"
            )

    @property
    def actions(self) -> Tensor:
        """[T-1,7], each leading from its frame to the next."""
        return actions_from_states(self.states)


def read_trajectory(path: Path) -> Trajectory:
    """The first clip of an .npz file in the layout of the official example trajectory.

    Keys: observations uint8 [1,T,H,W,3], states [1,T,7] (facebookresearch/vjepa2, notebooks/).
    Raises ValueError, naming the file, where it is something else.
    """
    needed = "needed are observations [1, T, H, W, 3] and states [1, T, 7]"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there; check the path")
    try:
        with np.load(path, allow_pickle=False) as file:
            frames, states = file["observations"], file["states"]
    except KeyError as error:
        raise ValueError(f"{path}: {error.args[0]}; {needed}") from error
    # A text file looks like a pickle to NumPy, a cut one like a broken archive.
    except (ValueError, OSError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: cannot be read as .npz ({error})") from error
    if frames.ndim != 5 or states.ndim != 3 or 0 in (len(frames), len(states)):
        raise ValueError(f"{path}: {needed}, not {list(frames.shape)} and {list(states.shape)}")
    if states.dtype.kind not in "fiu":
        raise ValueError(f"{path}: states are {states.dtype}, not numbers")
    return Trajectory(frames[0], torch.as_tensor(states[0], dtype=torch.float32), path.name)
