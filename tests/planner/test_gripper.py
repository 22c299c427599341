"""How the change of the gripper is decided: deadband, tries, margin."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from vjepa2_planner import Box, CrossEntropyMethod, OptimisingPlanner, PlanSettings

FEW = CrossEntropyMethod(samples=12, refinements=2, elites=3)
SETTINGS = PlanSettings(gripper_deadband=0.1)


class Nearly:
    """The hand is wanted 3 cm on along each axis; the fingers matter little beside that."""

    device = torch.device("cpu")

    def __init__(self, wanted: float, weight: float = 0.001) -> None:
        self.wanted, self.weight = wanted, weight

    def energies(self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor) -> Tensor:
        xyz = torch.linalg.vector_norm(actions[:, 0, :3] - 0.03, dim=1)
        return 0.02 + xyz + self.weight * (actions[:, 0, 6] - self.wanted).abs()


def planned(world_model: Any, start: Tensor, settings: PlanSettings, seed: int = 0) -> float:
    """The change of the gripper."""
    planner = OptimisingPlanner(FEW, Box(), settings)
    plan = planner.plan(world_model, start, start, start, seed=seed)
    return float(plan.actions[0, 6])


@pytest.mark.parametrize("wanted", [-0.6, 0.0, 0.3, 0.7])
def test_tries_find_what_the_arm_drowns(start: Tensor, wanted: float) -> None:
    """Nearer to what is wanted than draws in which the arm decides, whatever the seed."""
    tried = replace(SETTINGS, gripper_tries=31)
    errors = [
        [abs(planned(Nearly(wanted), start, settings, seed) - wanted) for seed in range(10)]
        for settings in (SETTINGS, tried)
    ]
    assert max(errors[1]) <= 0.1 < max(errors[0])


def test_tries_keep_to_the_limit_and_the_deadband(start: Tensor) -> None:
    """Never further than the constraint allows, and nothing small."""
    tried = replace(SETTINGS, gripper_tries=64)
    assert planned(Nearly(1.0), start, tried) == pytest.approx(0.75)
    assert planned(Nearly(0.06), start, replace(tried, gripper_deadband=0.2)) == 0.0


def test_a_change_that_saves_too_little_is_left_out(start: Tensor) -> None:
    """The margin is what it must save, wherever the arm is."""
    tried = replace(SETTINGS, gripper_tries=31, gripper_margin=0.01)
    for weight, change in ((0.001, 0.0), (0.1, 0.5)):
        assert planned(Nearly(0.5, weight), start, tried) == pytest.approx(change, abs=0.05)


def test_a_long_step_leaves_the_gripper(start: Tensor) -> None:
    """The hand is wanted 5.2 cm away: further than the fingers may be moved on the way."""
    tried = replace(SETTINGS, gripper_tries=31)
    assert planned(Nearly(0.5), start, replace(tried, gripper_rest=0.02)) == 0.0
    assert planned(Nearly(0.5), start, replace(tried, gripper_rest=0.2)) != 0.0


def test_a_fixed_gripper_is_not_tried(start: Tensor) -> None:
    """It stays."""
    assert planned(Nearly(0.5), start, replace(SETTINGS, fixed_gripper=True, gripper_tries=9)) == 0
