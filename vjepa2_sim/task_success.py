"""Whether a task was done, by the simulator's own state, and what it failed by."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from vjepa2_sim.frame import ObjectState
from vjepa2_sim.task_trial import TaskTrial

LIFTED_M = 0.03
"""An object that has risen by more is lifted."""
PLACED_M = 0.05
"""An object is at its place within this distance."""


class Cause(StrEnum):
    """How a task ended, from the first thing that did not work."""

    SUCCESS = "success"
    FAULT = "fault"
    NOT_GRASPED = "not grasped"
    PUSHED = "pushed away or knocked over"
    DROPPED = "dropped"
    NOT_LIFTED = "not lifted"
    NOT_RELEASED = "not released"
    FAR_FROM_PLACE = "far from its place"


def lifted(trial: TaskTrial, state: ObjectState) -> bool:
    """Whether the object has risen from where it stood."""
    return bool(state.position[2] - trial.start.thing.position[2] > LIFTED_M)


def distance_from_place(trial: TaskTrial, state: ObjectState) -> float:
    """Of the object's centre from where the last sub-goal has it [m]."""
    return float(np.linalg.norm(state.position - np.array(trial.goal.thing.position)))


def succeeded(trial: TaskTrial, state: ObjectState) -> bool:
    """Whether the task is done, as it stands.

    grasp: held between both fingers and lifted. reach_with_object: held, and within PLACED_M of
    its place. pick_and_place: within PLACED_M of its place, and no finger touches it.
    """
    near = distance_from_place(trial, state) < PLACED_M
    match trial.task:
        case "grasp":
            return state.held and lifted(trial, state)
        case "reach_with_object":
            return state.held and near
        case "pick_and_place":
            return near and not state.touched
    raise ValueError(f"no test of success for the task {trial.task!r}")


def cause_of(trial: TaskTrial, states: Sequence[ObjectState], fault: bool) -> Cause:
    """What became of it, from the object's states at the start and after each step."""
    last = states[-1]
    if fault:
        return Cause.FAULT
    if succeeded(trial, last):
        return Cause.SUCCESS
    was_held = any(state.held for state in states)
    was_up = trial.start.held or any(state.held and lifted(trial, state) for state in states)
    if not was_held:
        shift = last.position[:2] - np.array(trial.start.thing.position[:2])
        return Cause.PUSHED if np.linalg.norm(shift) > 0.01 else Cause.NOT_GRASPED
    if not last.held and trial.task != "pick_and_place":
        return Cause.DROPPED
    if not was_up:
        return Cause.NOT_LIFTED
    if trial.task == "pick_and_place" and last.touched:
        return Cause.NOT_RELEASED
    return Cause.FAR_FROM_PLACE
