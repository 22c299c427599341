"""Plans are turned, held in the constraint again, and otherwise left as they were."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_planner import Box, CrossEntropyMethod, Preset
from vjepa2_planner.calibration import RotatedPlanner, turn
from vjepa2_planner.calibration.rotated_planner import turned
from vjepa2_planner.plan import Plan

BOX = Box(radius=0.075)


class Fixed:
    """Plans always the same, and notes its warm start."""

    def __init__(self, action: list[float]) -> None:
        self.actions = torch.tensor([action])
        self.warm: Any = None

    def plan(self, *_: Any, warm: Any = None, **__: Any) -> Plan:
        self.warm = warm
        return Plan(self.actions, 0.5, 1.0, (), 0.1, 3, 7, True, torch.zeros(1, 7))


@given(degrees=st.floats(-180, 180), x=st.floats(-0.075, 0.075), y=st.floats(-0.075, 0.075))
def test_a_plan_is_turned_and_held_in_the_box(degrees: float, x: float, y: float) -> None:
    """z, rotation and gripper stay."""
    inner = Fixed([x, y, 0.03, 0.0, 0.0, 0.0, 0.5])
    plan = RotatedPlanner(inner, turn(degrees), BOX).plan(None, None, None, None)
    expected = np.clip(np.array([x, y]) @ turn(degrees), -0.075, 0.075)
    assert plan.actions[0, :2].numpy() == pytest.approx(expected, abs=1e-6)
    assert plan.actions[0, 2:].tolist() == pytest.approx([0.03, 0.0, 0.0, 0.0, 0.5])
    assert (plan.energy, plan.evaluations, plan.seed) == (0.5, 7, 3)


def test_a_warm_start_is_turned_back() -> None:
    """What comes from an executed plan is what the inner planner had planned."""
    inner = Fixed([0.03, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0])
    planner = RotatedPlanner(inner, turn(70), BOX)
    executed = planner.plan(None, None, None, None).actions
    planner.plan(None, None, None, None, warm=executed)
    assert inner.warm == pytest.approx(inner.actions, abs=1e-6)


def test_it_undoes_an_arm_that_goes_astray(make_world_model: Any, start: Any, goal: Any) -> None:
    """With the rotation, a plan leads as near to the goal as without both."""
    preset = Preset(CrossEntropyMethod(samples=200, refinements=8, elites=10), BOX)
    model = make_world_model()
    plain = preset.planner().plan(model, start, start, goal, seed=1).actions
    planner = RotatedPlanner(preset.planner(), turn(30), Box(radius=0.2))
    executed = turned(planner.plan(model, start, start, goal, seed=1).actions, turn(-30))
    assert executed == pytest.approx(plain, abs=1e-6)


@pytest.mark.parametrize(
    "matrix", [np.diag([1.0, -1.0]), np.full((2, 2), np.nan), np.eye(3), 2 * np.eye(2)]
)
def test_what_is_no_rotation_is_refused(matrix: np.ndarray) -> None:
    """When the planner is made, not when the arm moves."""
    with pytest.raises(ValueError):
        RotatedPlanner(Fixed([0.0] * 7), matrix, BOX)
