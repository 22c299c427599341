"""One attempt at a task with an object: its sub-goals pursued in order on the test bench."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner import (
    FingerCheck,
    LocalObserver,
    Outcome,
    Planner,
    RecedingHorizon,
    Timing,
    WorldModel,
)
from vjepa2_planner.task import pursuit_seed
from vjepa2_sim.bench import TableCamera
from vjepa2_sim.frame import ObjectState
from vjepa2_sim.object_world_model import ObjectWorldModel, SceneCamera, scene_vector
from vjepa2_sim.task_bench import TaskBench
from vjepa2_sim.task_success import Cause, cause_of
from vjepa2_sim.task_trial import SubGoalPose, TaskTrial


@dataclass(frozen=True)
class TaskStep:
    """How things stood after a step.

    hand_error_m: [3] of the end effector from where the sub-goal has it. closedness: measured.
    object_position: [3] m in the base frame. energy: of the view before the step.
    """

    sub_goal: str
    energy: float
    hand_error_m: tuple[float, ...]
    closedness: float
    object_position: tuple[float, ...]
    held: bool
    timing: Timing


@dataclass(frozen=True)
class TaskAttempt:
    """What came of a trial. outcome, reason: of the last sub-goal's pursuit."""

    task: str
    object: str
    seed: int
    cause: Cause
    steps: tuple[TaskStep, ...]
    outcome: Outcome
    reason: str

    @property
    def success(self) -> bool:
        """The task was done, by the simulator's state."""
        return self.cause is Cause.SUCCESS

    @property
    def planning_seconds(self) -> tuple[float, ...]:
        """From the image in hand to the action, for each step: encoding and planning."""
        return tuple(step.timing.encoding + step.timing.planning for step in self.steps)


OnStep = Callable[[TaskStep | None], None]
"""Is shown the start, as None, and each step."""


def attempt_task(
    bench: TaskBench,
    trial: TaskTrial,
    world_model: WorldModel[Any],
    planner: Planner,
    size: int,
    on_step: OnStep = lambda step: None,
    *,
    fingers: FingerCheck[Any] | None = None,
) -> TaskAttempt:
    """Pursues each sub-goal until its budget is spent; nothing that a simulator knows steers it.

    size: edge in pixels of the pictures taken, which should be the model's. fingers: who
    decides on them.
    """
    goals: list[NDArray[Any]]
    camera: TableCamera | SceneCamera
    if isinstance(world_model, ObjectWorldModel):
        goals = [scene_vector(goal.arrangement) for goal in trial.sub_goals]
        camera = SceneCamera(bench, trial.start.thing)
    else:
        goals = list(bench.goal_images(trial, size))
        camera = TableCamera(bench.table, size)
    bench.set_up(trial)

    def thing() -> ObjectState:
        return bench.table.true_state().objects[trial.object]

    states, steps = [thing()], []
    on_step(None)
    ended, reason = Outcome.BUDGET_SPENT, ""
    for number, (sub_goal, goal) in enumerate(zip(trial.sub_goals, goals, strict=True)):
        loop = RecedingHorizon(
            world_model=world_model,
            planner=planner,
            observer=LocalObserver(world_model, camera, bench.arm),
            arm=bench.arm,
            goal=world_model.encode(goal[None]),
            budget=sub_goal.steps,
            seed=pursuit_seed(trial.seed, number, 0),
            fingers=fingers,
        )
        for step in loop:
            states.append(thing())
            pose = bench.arm.state().pose
            steps.append(task_step(sub_goal, pose, states[-1], step.energy, step.timing))
            on_step(steps[-1])
        assert loop.ending is not None
        ended, reason = loop.ending.outcome, loop.ending.reason
        if ended.fault:
            break
    cause = cause_of(trial, states, ended.fault)
    return TaskAttempt(trial.task, trial.object, trial.seed, cause, tuple(steps), ended, reason)


def task_step(
    sub_goal: SubGoalPose,
    pose: NDArray[np.float64],
    thing: ObjectState,
    energy: float,
    timing: Timing,
) -> TaskStep:
    """A step that ended at a pose [7] with the object like this."""
    error = pose[:3] - sub_goal.arrangement.hand[:3]
    return TaskStep(
        sub_goal.name,
        energy,
        tuple(float(e) for e in error),
        float(pose[6]),
        tuple(float(p) for p in thing.position),
        thing.held,
        timing,
    )


def hand_error_cm(step: TaskStep) -> float:
    """Distance of the hand from the sub-goal's [cm]."""
    return 100 * float(np.linalg.norm(step.hand_error_m))
