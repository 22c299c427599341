"""Trials on the simulated table: set up from a task and a seed, and scored."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.camera import Camera
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.client import SimulatedTable
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.reach import SUCCESS_M, ReachTrial, draw_reach_trial, goal_image, start_joints
from vjepa2_sim.scene import MAX_PICTURE

TASKS = ("reach",)


class TrialError(ValueError):
    """A trial cannot be set up or scored as asked; the message says why."""


@dataclass(frozen=True, eq=False)
class TrialStart:
    """goal_image: uint8 [size,size,3] RGB. goal_state: [7]. distance_m: from the goal now."""

    goal_image: NDArray[np.uint8]
    goal_state: NDArray[np.float64]
    distance_m: float


@dataclass(frozen=True, eq=False)
class Score:
    """By the simulator's own state. position: [3] of the end effector [m, base frame]."""

    reached: bool
    distance_m: float
    position: NDArray[np.float64]


class Trials:
    """Use it from the thread that uses the table; all methods may raise SimulationError."""

    def __init__(self, table: SimulatedTable) -> None:
        self.table = table
        self._twin: DirectDriver | None = None
        self._trial: ReachTrial | None = None

    @property
    def camera(self) -> CameraPlacement:
        """Where the camera stands now."""
        return CameraPlacement() if self._trial is None else self._trial.camera

    def set_up(self, task: str, seed: int, size: int) -> TrialStart:
        """Put arm, camera and light into place; the goal image has `size` pixels a side.

        Raises TrialError for an unknown task or an impossible size, and SimulationError while a
        client moves the arm; the trial before then goes on.
        """
        if task not in TASKS:
            raise TrialError(f"unknown task {task!r}; there is: {', '.join(TASKS)}")
        if not 1 <= size <= MAX_PICTURE:
            raise TrialError(f"goal images have 1 to {MAX_PICTURE} pixels a side, not {size}")
        trial = draw_reach_trial(seed)
        if self._twin is None:
            self._twin = DirectDriver()
        with closing(Camera(self._twin.model, size)) as camera:
            image = goal_image(trial, self._twin, camera).copy()
        joints = start_joints(trial, self._twin)
        self.table.reset(joints, camera=trial.camera, lighting=trial.lighting)
        self._trial = trial
        return TrialStart(image, trial.goal, self.score().distance_m)

    def score(self) -> Score:
        """How the trial stands now; raises TrialError where none was set up."""
        if self._trial is None:
            raise TrialError("no trial was set up; call simulation/set_up_trial first")
        position = self.table.true_state().position
        distance = float(np.linalg.norm(position - self._trial.goal[:3]))
        return Score(distance < SUCCESS_M, distance, position)
