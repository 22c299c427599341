"""Table-top tasks (paper, table 2) as data: a start, sub-goals in order, and what is handled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.scene import Lighting, TableObject

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Hand and object at one moment.

    hand: [7] x y z [m, robot base frame], extrinsic xyz Euler angles [rad], closedness.
    held: the fingers press on the object.
    """

    hand: Vector
    thing: TableObject
    held: bool


@dataclass(frozen=True, eq=False)
class SubGoalPose:
    """A sub-goal: what its picture shows, and how many steps it may take.

    The planner is given the picture alone, taken as a lab would photograph the scene.
    """

    name: str
    arrangement: Arrangement
    steps: int


@dataclass(frozen=True, eq=False)
class TaskTrial:
    """One task with one object, drawn from its seed.

    camera, lighting: of the live view and of all goal images alike.
    """

    task: str
    seed: int
    start: Arrangement
    sub_goals: tuple[SubGoalPose, ...]
    camera: CameraPlacement
    lighting: Lighting

    @property
    def object(self) -> str:
        """Name of what is handled."""
        return self.start.thing.name

    @property
    def goal(self) -> Arrangement:
        """The last sub-goal's."""
        return self.sub_goals[-1].arrangement
