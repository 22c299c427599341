"""Sight of several steps while the goal is far."""

from typing import Any

import pytest
import torch
from torch import Tensor

from vjepa2_planner import (
    Box,
    CrossEntropyMethod,
    Lookahead,
    OptimisingPlanner,
    PlanSettings,
)

METHOD = CrossEntropyMethod(samples=128, refinements=8, elites=8)


def planner(repeat: int) -> OptimisingPlanner:
    settings = PlanSettings(fixed_gripper=True, repeat=repeat)
    return OptimisingPlanner(METHOD, Box(0.075), settings, seed=2)


def test_repeated_actions_see_as_far_as_they_lead(make_world_model: Any, start: Tensor) -> None:
    """A goal 10 cm ahead is met by two steps of 5 cm, and the energy is that of the second."""
    goal = start.clone()
    goal[0, 0] += 0.10
    plan = planner(2).plan(make_world_model(), start, start, goal)
    assert plan.actions.shape == (1, 7)
    torch.testing.assert_close(
        plan.actions[0, :3], torch.tensor([0.05, 0.0, 0.0]), atol=4e-3, rtol=0
    )
    assert plan.energy < 0.01
    assert plan.hold_energy == pytest.approx(0.10, abs=1e-4)


def test_the_view_decides(make_world_model: Any, start: Tensor) -> None:
    """Over the threshold the farsighted plan is returned, under it the other, bit for bit."""
    near, far = planner(1), planner(2)
    lookahead = Lookahead(near, far, threshold=0.08)
    for distance, expected in ((0.10, far), (0.05, near)):
        goal = start.clone()
        goal[0, 0] += distance
        arguments = (make_world_model(), start, start, goal)
        assert torch.equal(
            lookahead.plan(*arguments, seed=7).actions, expected.plan(*arguments, seed=7).actions
        )


def test_threshold_must_be_positive() -> None:
    """A threshold of nothing is refused by name."""
    with pytest.raises(ValueError, match=r"Lookahead\.threshold must be positive, got 0"):
        Lookahead(planner(1), planner(2), threshold=0.0)
