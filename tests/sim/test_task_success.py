"""Success by the simulator's state, and the first thing that failed."""

from dataclasses import replace

import numpy as np
import pytest

from vjepa2_sim.frame import ObjectState
from vjepa2_sim.task_draw import draw_task_trial
from vjepa2_sim.task_success import Cause, cause_of, succeeded

GRASP, REACH, PLACE = (
    draw_task_trial(task, "cup", 5) for task in ("grasp", "reach_with_object", "pick_and_place")
)


def at(trial, shift=(0, 0, 0), fingers=0, goal=False):
    """The object shifted from its start or goal, touched by so many fingers."""
    thing = (trial.goal if goal else trial.start).thing
    return ObjectState(np.array(thing.position) + shift, fingers > 0, fingers == 2)


REST, HELD = at(PLACE), at(PLACE, fingers=2)
UP = at(PLACE, (0, 0, 0.08), 2)


@pytest.mark.parametrize(
    ("trial", "states", "cause"),
    [
        (GRASP, [at(GRASP), at(GRASP, (0, 0, 0.08), 2)], Cause.SUCCESS),
        (GRASP, [at(GRASP), at(GRASP, (0, 0, 0.08), 1)], Cause.NOT_GRASPED),
        (GRASP, [at(GRASP), at(GRASP, fingers=2)], Cause.NOT_LIFTED),
        (GRASP, [at(GRASP), at(GRASP, (0, 0, 0.08), 2), at(GRASP)], Cause.DROPPED),
        (GRASP, [at(GRASP), at(GRASP)], Cause.NOT_GRASPED),
        (GRASP, [at(GRASP), at(GRASP, (0.03, 0, 0))], Cause.PUSHED),
        (REACH, [at(REACH, fingers=2), at(REACH, (0.04, 0, 0), 2, goal=True)], Cause.SUCCESS),
        (REACH, [at(REACH, fingers=2), at(REACH, (0.06, 0, 0), 2, True)], Cause.FAR_FROM_PLACE),
        (REACH, [at(REACH, fingers=2), at(REACH, (0, 0, -0.2))], Cause.DROPPED),
        (PLACE, [REST, HELD, UP, at(PLACE, (0.04, 0, 0), goal=True)], Cause.SUCCESS),
        (PLACE, [REST, HELD, UP, at(PLACE, (0.06, 0, 0), goal=True)], Cause.FAR_FROM_PLACE),
        (PLACE, [REST, HELD, UP, at(PLACE, fingers=1, goal=True)], Cause.NOT_RELEASED),
        (PLACE, [REST, REST], Cause.NOT_GRASPED),
        (PLACE, [REST, HELD, REST], Cause.NOT_LIFTED),
    ],
)
def test_the_cause_is_the_first_thing_that_did_not_work(trial, states, cause):
    """For each task, from the object's course alone."""
    assert cause_of(trial, states, fault=False) is cause
    assert (cause is Cause.SUCCESS) == succeeded(trial, states[-1])


def test_a_fault_is_no_success():
    """Even where the object lies at its place."""
    assert cause_of(PLACE, [REST, HELD, UP, at(PLACE, goal=True)], fault=True) is Cause.FAULT


def test_a_task_without_a_test_of_success_is_an_error():
    """Nothing counts as done by default."""
    with pytest.raises(ValueError, match="juggle"):
        succeeded(replace(GRASP, task="juggle"), REST)
