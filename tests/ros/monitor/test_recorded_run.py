"""Which inputs each plan of a recording had."""

from __future__ import annotations

import numpy as np
from sensor_msgs.msg import CompressedImage

from vjepa2_monitor.recorded_run import RecordedRun
from vjepa2_msgs.msg import EndEffectorState, Goal, PursuitStep
from vjepa2_node.stamps import to_time

MODEL = {"model": "simulator"}
TURN = np.array([[0.0, 1.0], [-1.0, 0.0]])


def step(index: int, stamp: float) -> PursuitStep:
    message = PursuitStep(index=index)
    message.header.stamp = to_time(stamp)
    return message


def test_parameters_and_rotation_hold_from_one_pursuit_to_the_next() -> None:
    """A change in the middle of a pursuit counts from the next one on, as in the planner."""
    run = RecordedRun(steps=[step(0, 10.0), step(1, 20.0), step(0, 30.0)])
    # What was asked for at the beginning may be answered after the first frame.
    run.parameters["planner"] = [(11.0, {"samples": 8, "elites": 2}), (15.0, {"samples": 9})]
    run.rotations += [(9.0, np.eye(2)), (15.0, TURN)]
    plans = list(run.plans())
    assert [plan.pursuit for plan in plans] == [0, 0, 1]
    assert [plan.planner["samples"] for plan in plans if plan.planner] == [8, 8, 9]
    assert {plan.planner["elites"] for plan in plans if plan.planner} == {2}
    assert [np.array_equal(plan.rotation, TURN) for plan in plans] == [False, False, True]


def test_inputs_are_found_by_the_stamp_of_the_view() -> None:
    """Its goal, and its frame: the arm's state, for a model that looks at that."""
    run = RecordedRun(steps=[step(0, 10.0), step(1, 20.0)])
    run.parameters["world_model"] = [(0.0, MODEL)]
    run.states[10.0] = EndEffectorState(gripper_width=0.01)
    run.frames[10.0] = CompressedImage()
    run.goal_ids[10.0] = 5, 6
    run.goals[5, 6] = Goal(name="cup")
    found, lost = run.plans()
    assert found.frame.gripper_width == 0.01
    assert found.goal is not None
    assert found.goal.name == "cup"
    assert (lost.frame, lost.goal, lost.planner) == (None, None, None)
