"""The test bench of tasks with objects: table, arm, and a twin that poses for goal images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from franky_sim.constants import FRANKA_HAND_MAX_WIDTH
from numpy.typing import NDArray

from vjepa2_planner import Arm
from vjepa2_robot.arm_driver import ArmState, RobotMode
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.franky_settings import FrankySettings
from vjepa2_robot.limited_arm import LimitedArm
from vjepa2_sim.bench import LIMITS
from vjepa2_sim.camera import Camera, Image
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.client import SimulatedTable
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.scene import Lighting, TableObject, TableScene, light_scene, place_camera
from vjepa2_sim.table import Table
from vjepa2_sim.table_objects import SLOTS, put_objects
from vjepa2_sim.task_trial import Arrangement, TaskTrial

Vector = NDArray[np.float64]


class ObjectTable(Table, Protocol):
    """A simulated table with a cup and a box; see `SimulatedTable`."""

    def reset(
        self,
        joints: Sequence[float] | Vector,
        gripper_width: float = 0.08,
        camera: CameraPlacement | None = None,
        lighting: Lighting | None = None,
        objects: Sequence[TableObject] | None = None,
        holds: bool = False,
    ) -> None:
        """Put arm [7] rad, gripper [m], camera, light and objects into place."""
        ...


class TaskArm(Arm, Protocol):
    """An arm of the closed loop whose state can be measured."""

    def state(self) -> ArmState: ...


@dataclass(frozen=True)
class TaskBench:
    """twin: an arm among the same objects, without dynamics."""

    table: ObjectTable
    arm: TaskArm
    twin: DirectDriver

    def set_up(self, trial: TaskTrial) -> None:
        """Put everything to where the trial starts."""
        if isinstance(self.arm, LimitedArm) and self.arm.mode() is not RobotMode.IDLE:
            self.arm.recover()
        self.table.reset(
            start_of(trial, self.twin),
            FRANKA_HAND_MAX_WIDTH * float(1.0 - trial.start.hand[6]),
            trial.camera,
            trial.lighting,
            (trial.start.thing,),
            trial.start.held,
        )

    def goal_images(self, trial: TaskTrial, size: int) -> list[Image]:
        """What the camera would see at each sub-goal, uint8 [size,size,3]."""
        return goal_images(trial, self.twin, size)


def goal_images(trial: TaskTrial, twin: DirectDriver, size: int) -> list[Image]:
    """The scene photographed in the arrangement of each sub-goal, reached one after another."""
    place_camera(twin.model, trial.camera)
    light_scene(twin.model, trial.lighting)
    start_of(trial, twin)
    with closing(Camera(twin.model, size)) as camera:
        return [_photograph(goal.arrangement, twin, camera) for goal in trial.sub_goals]


def start_of(trial: TaskTrial, twin: DirectDriver) -> Vector:
    """Joint positions [7] rad at the start; puts the twin there, straight from home."""
    twin.home()
    _move(twin, trial.start.hand)
    return twin.joints


def task_twin() -> DirectDriver:
    """A twin for a bench."""
    return DirectDriver(TableScene(objects=SLOTS))


@contextmanager
def open_task_bench() -> Iterator[TaskBench]:
    """The franky arm on franky-sim; everything that this started is gone afterwards."""
    with SimulatedTable(TableScene(objects=SLOTS)) as table:
        settings = FrankySettings(
            speed_factor=LIMITS.speed_factor, acceleration_factor=LIMITS.acceleration_factor
        )
        with closing(FrankyArm(table.hostname, settings)) as arm:
            yield TaskBench(table, LimitedArm(arm, LIMITS), task_twin())


def _photograph(arrangement: Arrangement, twin: DirectDriver, camera: Camera) -> Image:
    _move(twin, arrangement.hand)
    put_objects(twin.model, twin.data, (arrangement.thing,))
    return camera.capture(twin.data).copy()


def _move(twin: DirectDriver, pose: Vector) -> None:
    result = twin.move_to(pose)
    if not result.code.ok:
        raise ValueError(result.message)
