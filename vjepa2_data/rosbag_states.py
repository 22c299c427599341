"""The arm's state at the instant of a picture, from recorded states around it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from vjepa2_data.rosbag_timing import NANOSECONDS, Stamps


def covered(stamps: Stamps, at: Stamps, max_gap: float) -> NDArray[np.bool_]:
    """Whether each instant of `at` lies between two states at most `max_gap` [s] apart."""
    before = np.searchsorted(stamps, at, side="right") - 1
    after = np.searchsorted(stamps, at, side="left")
    inside = (before >= 0) & (after < len(stamps))
    gap = stamps[np.minimum(after, len(stamps) - 1)] - stamps[np.maximum(before, 0)]
    return inside & (gap <= max_gap * NANOSECONDS)


def interpolate(stamps: Stamps, states: NDArray[np.float64], at: Stamps) -> NDArray[np.float64]:
    """States [len(at),7] at instants within strictly ascending `stamps` of `states` [N,7], N > 1.

    Position and closedness go straight from one state to the next, the rotation along the
    shortest arc: a roll from 3.1 to -3.1 passes through pi and not through 0.
    """
    known = (stamps - stamps[0]) / NANOSECONDS
    wanted = (at - stamps[0]) / NANOSECONDS
    result = np.stack([np.interp(wanted, known, column) for column in states.T], axis=-1)
    rotations = Slerp(known, Rotation.from_euler("xyz", states[:, 3:6]))(wanted)
    result[:, 3:6] = rotations.as_euler("xyz")
    return result
