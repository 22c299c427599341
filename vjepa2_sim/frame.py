"""A picture with its time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Frame:
    """image: uint8 [H,W,3] RGB. stamp: time.monotonic() of the scene that it shows [s]."""

    image: NDArray[np.uint8]
    stamp: float


@dataclass(frozen=True, eq=False)
class ObjectState:
    """An object in the scene. position: [3] of its centre [m, robot base frame].

    touched: by a finger. held: between both.
    """

    position: NDArray[np.float64]
    touched: bool
    held: bool


@dataclass(frozen=True, eq=False)
class TrueState:
    """What only a simulator knows, for scoring and never for control.

    joints: [7] rad. position: [3] of the tool centre point [m, robot base frame].
    gripper_width: between the fingers [m]. stamp: time.monotonic() [s]. objects: by name.
    """

    joints: NDArray[np.float64]
    position: NDArray[np.float64]
    gripper_width: float
    stamp: float
    objects: dict[str, ObjectState] = field(default_factory=dict)
