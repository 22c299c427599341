"""The test bench of the closed loop: a simulated table and the franky arm that works on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vjepa2_robot.arm_driver import RobotMode
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.franky_settings import FrankySettings
from vjepa2_robot.limited_arm import LimitedArm
from vjepa2_robot.limits import Limits
from vjepa2_sim.camera import Camera
from vjepa2_sim.client import SimulatedTable
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.frame import Frame
from vjepa2_sim.reach import ReachTrial, goal_image, start_joints
from vjepa2_sim.table import Table
from vjepa2_sim.turned_arm import TurnedArm
from vjepa2_sim.workspace import INTERACTION_WORKSPACE

LIMITS = Limits(
    workspace_lower=INTERACTION_WORKSPACE.lower,
    workspace_upper=INTERACTION_WORKSPACE.upper,
    clip_to_workspace=True,
    speed_factor=0.5,
    acceleration_factor=0.3,
)
"""The arm is held within the part of the scene that the bundled model knows."""


@dataclass(frozen=True)
class TableCamera:
    """The live view: a `vjepa2_planner` camera on the simulated table."""

    table: Table
    size: int

    def capture(self) -> Frame:
        return self.table.capture(self.size)


@dataclass(frozen=True, eq=False)
class StateFrame:
    """image: the arm's state [7]. stamp: time.monotonic() of its measurement [s]."""

    image: NDArray[np.float64]
    stamp: float


@dataclass(frozen=True)
class StateCamera:
    """What `SimulatorWorldModel` looks at: the arm's state [7] in place of a picture."""

    arm: LimitedArm | TurnedArm

    def capture(self) -> StateFrame:
        state = self.arm.state()
        return StateFrame(state.pose, state.stamp)


@dataclass(frozen=True)
class Bench:
    """Table, arm, and a twin of the arm that poses for goal images and start configurations."""

    table: Table
    arm: LimitedArm | TurnedArm
    twin: DirectDriver

    def set_up(self, trial: ReachTrial) -> None:
        """Put the arm at the trial's start, with its camera and light; recover it if need be."""
        if self.arm.mode() is not RobotMode.IDLE:
            self.arm.recover()
        self.table.reset(
            start_joints(trial, self.twin), camera=trial.camera, lighting=trial.lighting
        )

    def goal_image(self, trial: ReachTrial, size: int) -> NDArray[np.uint8]:
        """The trial's goal as its camera would have photographed it, uint8 [size,size,3]."""
        with closing(Camera(self.twin.model, size)) as camera:
            return goal_image(trial, self.twin, camera)

    def distance_m(self, trial: ReachTrial) -> float:
        """True distance from the goal, for scoring alone."""
        return float(np.linalg.norm(self.table.true_state().position - trial.goal[:3]))


@contextmanager
def open_bench() -> Iterator[Bench]:
    """A running bench; everything it started is gone afterwards."""
    with SimulatedTable() as table:
        settings = FrankySettings(
            speed_factor=LIMITS.speed_factor, acceleration_factor=LIMITS.acceleration_factor
        )
        with closing(FrankyArm(table.hostname, settings)) as arm:
            yield Bench(table, LimitedArm(arm, LIMITS), DirectDriver())
