"""Trials on the simulated table: set up from a task and a seed, and scored."""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np
from franky_sim.constants import FRANKA_HAND_MAX_WIDTH
from numpy.typing import NDArray

from vjepa2_sim.camera import Camera
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.client import SimulatedTable
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.reach import SUCCESS_M, ReachTrial, draw_reach_trial, goal_image, start_joints
from vjepa2_sim.scene import MAX_PICTURE
from vjepa2_sim.task_bench import goal_images, start_of, task_twin
from vjepa2_sim.task_draw import OBJECTS, TASKS, draw_task_trial
from vjepa2_sim.task_success import distance_from_place, succeeded
from vjepa2_sim.task_trial import TaskTrial

REACH_STEPS = 12


class TrialError(ValueError):
    """A trial cannot be set up or scored as asked; the message says why."""


@dataclass(frozen=True, eq=False)
class SubGoalStart:
    """image: uint8 [size,size,3] RGB. state: [7] of the arm in it. steps: at most."""

    name: str
    image: NDArray[np.uint8]
    state: NDArray[np.float64]
    steps: int


@dataclass(frozen=True, eq=False)
class TrialStart:
    """sub_goals: in order. distance_m: of the end effector from the last one's now."""

    sub_goals: tuple[SubGoalStart, ...]
    distance_m: float


@dataclass(frozen=True, eq=False)
class Score:
    """By the simulator's own state. position: [3] of the end effector [m, base frame].

    object_position: [3] of its centre [m, base frame]. object_distance_m: of it from its place in
    the last goal. NaN without an object.
    """

    reached: bool
    distance_m: float
    position: NDArray[np.float64]
    object_position: NDArray[np.float64] = field(default_factory=lambda: np.full(3, math.nan))
    object_distance_m: float = math.nan
    held: bool = False
    touched: bool = False


class Trials:
    """Use it from the thread that uses the table; all methods may raise SimulationError.

    table: of a scene with all objects of `table_objects.SLOTS`.
    """

    def __init__(self, table: SimulatedTable) -> None:
        self.table = table
        self._twin: DirectDriver | None = None
        self._trial: ReachTrial | TaskTrial | None = None

    @property
    def camera(self) -> CameraPlacement:
        """Where the camera stands now."""
        return CameraPlacement() if self._trial is None else self._trial.camera

    def set_up(self, task: str, thing: str, seed: int, size: int) -> TrialStart:
        """Put arm, objects, camera and light into place; goal images have `size` pixels a side.

        thing: the object; of no meaning for reach. Raises TrialError for an unknown task or
        object, or an impossible size, and SimulationError while a client moves the arm; the trial
        before then goes on.
        """
        if task not in ("reach", *TASKS):
            raise TrialError(f"unknown task {task!r}; there are: reach, {', '.join(TASKS)}")
        if task != "reach" and thing not in OBJECTS:
            raise TrialError(f"unknown object {thing!r}; there are: {', '.join(OBJECTS)}")
        if not 1 <= size <= MAX_PICTURE:
            raise TrialError(f"goal images have 1 to {MAX_PICTURE} pixels a side, not {size}")
        if self._twin is None:
            self._twin = task_twin()
        if task == "reach":
            sub_goals = self._set_up_reach(draw_reach_trial(seed), self._twin, size)
        else:
            sub_goals = self._set_up_task(draw_task_trial(task, thing, seed), self._twin, size)
        return TrialStart(sub_goals, self.score().distance_m)

    def score(self) -> Score:
        """How the trial stands now; raises TrialError where none was set up."""
        if self._trial is None:
            raise TrialError("no trial was set up; call simulation/set_up_trial first")
        state, trial = self.table.true_state(), self._trial
        goal = trial.goal if isinstance(trial, ReachTrial) else trial.goal.hand
        distance = float(np.linalg.norm(state.position - goal[:3]))
        if isinstance(trial, ReachTrial):
            return Score(distance < SUCCESS_M, distance, state.position)
        thing = state.objects[trial.object]
        return Score(
            succeeded(trial, thing),
            distance,
            state.position,
            thing.position,
            distance_from_place(trial, thing),
            thing.held,
            thing.touched,
        )

    def _set_up_reach(
        self, trial: ReachTrial, twin: DirectDriver, size: int
    ) -> tuple[SubGoalStart, ...]:
        with closing(Camera(twin.model, size)) as camera:
            image = goal_image(trial, twin, camera).copy()
        joints = start_joints(trial, twin)
        self.table.reset(joints, camera=trial.camera, lighting=trial.lighting, objects=())
        self._trial = trial
        return (SubGoalStart("reach", image, trial.goal, REACH_STEPS),)

    def _set_up_task(
        self, trial: TaskTrial, twin: DirectDriver, size: int
    ) -> tuple[SubGoalStart, ...]:
        images = goal_images(trial, twin, size)
        self.table.reset(
            start_of(trial, twin),
            FRANKA_HAND_MAX_WIDTH * float(1.0 - trial.start.hand[6]),
            trial.camera,
            trial.lighting,
            (trial.start.thing,),
            trial.start.held,
        )
        self._trial = trial
        return tuple(
            SubGoalStart(goal.name, image, goal.arrangement.hand, goal.steps)
            for goal, image in zip(trial.sub_goals, images, strict=True)
        )
