"""The cross-entropy method with the real world model, against the official planner."""

import pytest
import torch
from torch import Tensor

from vjepa2_models import WorldModel
from vjepa2_planner import Box, CrossEntropyMethod, OptimisingPlanner, PlanSettings


@pytest.mark.parametrize("horizon", [1, 2])
def test_plan_is_the_official_one(
    world_model: WorldModel, golden: dict[str, Tensor], horizon: int
) -> None:
    """With its noise, the official planner's action comes back within 1e-4."""
    method = CrossEntropyMethod(samples=32, refinements=4, elites=10)
    plan = OptimisingPlanner(method, Box(0.075), PlanSettings(horizon=horizon)).plan(
        world_model,
        golden["features"][:1],
        golden["states"][0, :1],
        golden["features"][1:2],
        golden[f"cem_noise_H{horizon}"],
    )
    expected = golden[f"cem_action_H{horizon}"][0]
    assert expected.abs().max() > 1e-3
    torch.testing.assert_close(plan.actions, expected, atol=1e-4, rtol=0)
