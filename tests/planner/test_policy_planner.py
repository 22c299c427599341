"""A policy in the place of a planner."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from vjepa2_planner import (
    Box,
    Outcome,
    PlanningFailure,
    PlanningFault,
    PolicyPlanner,
    RecedingHorizon,
    encode_goal,
)
from vjepa2_planner.observer import LocalObserver


@pytest.fixture
def policy(make_world_model: Any) -> Any:
    """Goes straight to the goal, however far it is."""
    world_model = make_world_model()
    world_model.act = lambda context, states, goal: (goal - states[-1:])[0]
    return world_model


def test_is_held_within_the_constraint(policy: Any, start: Tensor, goal: Tensor) -> None:
    """A policy that wants too much gets the border; its turns are not planned."""
    plan = PolicyPlanner(Box(0.075)).plan(policy, start, start, goal, seed=3)
    expected = torch.tensor([[0.075, 0.075, -0.075, 0.0, 0.0, 0.0, 0.0]])
    torch.testing.assert_close(plan.actions, expected)
    assert np.isnan(plan.energy)
    assert (plan.seed, plan.trace, plan.evaluations) == (3, (), 1)


def test_drives_the_closed_loop(policy: Any, make_arm: Any, goal: Tensor) -> None:
    """The same loop, the same arm: it arrives."""
    arm = make_arm()
    loop = RecedingHorizon(
        world_model=policy,
        planner=PolicyPlanner(Box(0.075), fixed_gripper=True),
        observer=LocalObserver(policy, arm, arm),
        arm=arm,
        goal=encode_goal(policy, goal[0].numpy(), arm),
        budget=4,
    )
    steps = list(loop)
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.BUDGET_SPENT
    assert len(steps) == 4
    np.testing.assert_allclose(arm.pose[:3], goal[0, :3].numpy(), atol=1e-6)


def test_an_action_that_is_not_finite_is_a_failure(
    policy: Any, start: Tensor, goal: Tensor
) -> None:
    """NaN is never a command."""
    policy.act = lambda context, states, goal: torch.full((7,), torch.nan)
    with pytest.raises(PlanningFailure, match="ACTION_NOT_FINITE") as failure:
        PolicyPlanner(Box(0.075)).plan(policy, start, start, goal)
    assert failure.value.code is PlanningFault.ACTION_NOT_FINITE


def test_a_world_model_is_no_policy(make_world_model: Any, start: Tensor, goal: Tensor) -> None:
    """The error names it."""
    with pytest.raises(TypeError, match="AnalyticWorldModel is no policy"):
        PolicyPlanner(Box(0.075)).plan(make_world_model(), start, start, goal)
