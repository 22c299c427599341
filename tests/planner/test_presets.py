"""The named presets."""

from typing import Any

import pytest
from torch import Tensor

from vjepa2_planner import PRESETS, Box, preset


def test_paper_is_the_paper_budget() -> None:
    """800 samples, 10 refinements, 10 elites, horizon 1, box of 7.5 cm, no additions of ours."""
    paper = preset("paper")
    s = paper.settings
    assert (s.samples, s.refinements, s.elites, s.horizon) == (800, 10, 10, 1)
    assert paper.constraint == Box(0.075)
    assert not s.include_mean
    assert not s.fixed_gripper


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_plans_towards_the_goal(
    name: str, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """Each preset's planner beats standing still."""
    plan = preset(name).planner(seed=1).plan(make_world_model(), start, start, goal)
    assert plan.energy < plan.hold_energy - 0.1


def test_unknown_name_lists_the_valid_ones() -> None:
    """A wrong name is answered with the right ones."""
    with pytest.raises(ValueError, match="demo_sim, paper"):
        preset("papper")
