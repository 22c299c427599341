"""The named presets."""

from typing import Any

import pytest
from torch import Tensor

from vjepa2_planner import PRESETS, Box, CrossEntropyMethod, PlanSettings, preset
from vjepa2_planner.presets import FAST


def test_paper_is_the_paper_budget() -> None:
    """800 samples, 10 refinements, 10 elites, horizon 1, box of 7.5 cm, no additions of ours."""
    paper = preset("paper")
    assert paper.optimiser == CrossEntropyMethod(samples=800, refinements=10, elites=10)
    assert paper.constraint == Box(0.075)
    assert paper.settings == PlanSettings()


@pytest.mark.parametrize(
    ("name", "samples", "refinements", "horizon", "momentum", "radius"),
    [
        ("official_cem", 100, 100, 1, (0.25, 0.95), 0.05),
        ("official_world_model", 400, 10, 2, (0.15, 0.15), 0.05),
        ("official_notebook", 25, 2, 2, (0.15, 0.75), 0.075),
    ],
)
def test_official_presets_are_the_released_defaults(
    name: str,
    samples: int,
    refinements: int,
    horizon: int,
    momentum: tuple[float, float],
    radius: float,
) -> None:
    """Their first deviation is the radius, their constraint the box, the gripper's as always."""
    official = preset(name)
    assert official.optimiser == CrossEntropyMethod(
        samples=samples,
        refinements=refinements,
        elites=10,
        momentum_mean=momentum[0],
        momentum_std=momentum[1],
    )
    assert official.constraint == Box(radius)
    assert official.settings == PlanSettings(horizon=horizon, translation_std=radius)


@pytest.mark.parametrize("name", sorted(FAST))
def test_fast_presets_are_a_fiftieth_of_the_paper(
    name: str, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """On the paper's problem, under its constraint; a gradient counts as three evaluations."""
    paper, fast = preset("paper"), preset(name)
    assert fast.constraint == paper.constraint
    plans = [p.planner().plan(make_world_model(), start, start, goal) for p in (paper, fast)]
    assert plans[1].evaluations <= plans[0].evaluations / 50


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_plans_towards_the_goal(
    name: str, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """Each preset's planner beats standing still."""
    plan = preset(name).planner(seed=1).plan(make_world_model(), start, start, goal)
    assert plan.energy < plan.hold_energy - 0.05


def test_unknown_name_lists_the_valid_ones() -> None:
    """A wrong name is answered with the right ones."""
    with pytest.raises(ValueError, match="demo_sim, demo_tasks, fast"):
        preset("papper")
