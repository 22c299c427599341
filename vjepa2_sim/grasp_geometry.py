"""Where a hand that points down holds an object, and how far its fingers then are closed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from franky_sim.constants import FRANKA_HAND_MAX_WIDTH
from numpy.typing import ArrayLike, NDArray

from vjepa2_sim.scene import HAND_DOWN, TableObject
from vjepa2_sim.workspace import INTERACTION_WORKSPACE

Vector = NDArray[np.float64]

PALM_M = 0.03
"""How far an object may reach above the tool centre point before it meets the palm."""
_BELOW_TOP_M = 0.012
"""The tool centre point holds an object at least so far below its top."""


def hand_at(position: ArrayLike, closedness: float) -> Vector:
    """State [7] of a hand that points straight down at a position [3] m."""
    return np.array([*np.asarray(position), *HAND_DOWN, closedness])


def grip_range(thing: TableObject) -> tuple[float, float]:
    """Lowest and highest tool centre point [m] at which fingers hold an object."""
    top = thing.position[2] + thing.half_height
    low = max(INTERACTION_WORKSPACE.lower[2], top - PALM_M)
    return low, max(low, top - _BELOW_TOP_M)


def grip_of(thing: TableObject) -> Vector:
    """Tool centre point [3] m in the middle of a grasp."""
    return np.array([*thing.position[:2], np.mean(grip_range(thing))])


def closed_on(thing: TableObject) -> float:
    """Closedness of fingers that hold an object."""
    return float(1.0 - 2 * thing.size[0] / FRANKA_HAND_MAX_WIDTH)


def carried(thing: TableObject, shift: ArrayLike) -> TableObject:
    """An object that was held and moved by a shift [3] m: the fingers have turned it straight."""
    x, y, z = np.asarray(thing.position) + np.asarray(shift)
    return replace(thing, position=(float(x), float(y), float(z)), yaw=0.0)
