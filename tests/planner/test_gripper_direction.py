"""Changes of the gripper judged together: one that errs by itself moves no finger."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.planner.test_gripper import FEW, SETTINGS, Nearly, planned
from vjepa2_planner import Box, OptimisingPlanner
from vjepa2_planner.gripper_direction import mean_savings, strokes_of

TRIED = replace(SETTINGS, gripper_tries=9, gripper_margin=0.001)
TOGETHER = replace(TRIED, gripper_by_direction=True)
ENERGIES = st.lists(st.floats(-1, 1), min_size=2, max_size=9)


@given(ENERGIES, ENERGIES, st.floats(-1, 1))
def test_a_direction_has_its_mean(opened: list[float], closed: list[float], kept: float) -> None:
    """In any order, and no change is in none."""
    changes = torch.tensor([-0.5] * len(opened) + [0.0] + [0.25] * len(closed))
    energies = torch.tensor([*opened, 0.7, *closed])
    order = torch.randperm(len(changes), generator=torch.Generator().manual_seed(0))
    savings = mean_savings(changes[order], energies[order], torch.tensor(kept))
    for sign, side in ((-1, opened), (1, closed)):
        expected = torch.tensor(kept - sum(side) / len(side))
        assert torch.allclose(savings[changes[order].sign() == sign], expected, atol=1e-5)
    assert savings[changes[order] == 0].tolist() == [-math.inf]


@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_a_direction_with_an_energy_that_is_none_is_not_taken(bad: float) -> None:
    """Nor is any if keeping has none; the other one is judged as always."""
    changes, energies = torch.tensor([-0.5, -0.2, 0.3]), torch.tensor([0.1, bad, 0.2])
    assert mean_savings(changes, energies, torch.tensor(0.5)).tolist() == pytest.approx(
        [-math.inf, -math.inf, 0.3]
    )
    assert mean_savings(changes, energies, torch.tensor(bad)).tolist() == [-math.inf] * 3


class Spiked(Nearly):
    """Errs about one change of the gripper, and only about that."""

    def energies(self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor) -> Tensor:
        energies = super().energies(context, states, goal, actions)
        return energies - 0.01 * ((actions[:, 0, 6] + 0.25).abs() < 0.06)


def half_open(start: Tensor) -> Tensor:
    """The start, from which fingers can go either way."""
    start = start.clone()
    start[0, 6] = 0.5
    return start


def test_one_error_opens_no_fingers(start: Tensor) -> None:
    """The lowest of the tries would have."""
    world_model = Spiked(0.0, weight=0.02)
    assert planned(world_model, half_open(start), TRIED) == pytest.approx(-0.25, abs=0.05)
    assert planned(world_model, half_open(start), TOGETHER) == 0.0


@pytest.mark.parametrize("wanted", [-0.5, 0.5])
def test_what_a_direction_says_is_done(start: Tensor, wanted: float) -> None:
    """As far as is best."""
    change = planned(Nearly(wanted, weight=0.02), half_open(start), TOGETHER)
    assert change == pytest.approx(wanted, abs=0.05)


def test_a_plan_tells_of_both_directions(start: Tensor) -> None:
    """The furthest change of each, with what all of the direction save."""
    world_model = Nearly(0.75, weight=0.02)
    plan = OptimisingPlanner(FEW, Box(), TOGETHER).plan(world_model, start, start, start, seed=0)
    opening, closing = plan.strokes
    assert (opening.change, closing.change) == (-0.75, 0.75)
    assert opening.saving < 0 < 0.005 < closing.saving
    resting = replace(TOGETHER, gripper_rest=0.02)
    plan = OptimisingPlanner(FEW, Box(), resting).plan(world_model, start, start, start, seed=0)
    assert plan.strokes == ()


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=9))
def test_strokes_are_the_furthest(tried: list[tuple[float, float]]) -> None:
    """One for each direction at most, and none for a change of nothing."""
    changes, savings = torch.tensor(tried).T
    strokes = strokes_of(changes, savings)
    found = {stroke.change: stroke.saving for stroke in strokes}
    assert found.keys() <= {float(changes.min()), float(changes.max())}
    assert all(found) and len(found) == len(strokes)
    for change in (float(changes.min()), float(changes.max())):
        assert (change in found) == (change != 0)
    assert all(
        (change, saving) in zip(changes, savings, strict=True) for change, saving in found.items()
    )


def test_the_margin_is_of_the_mean(start: Tensor) -> None:
    """Saving 0.01 at best, and half of it in the mean."""
    world_model = Nearly(0.5, weight=0.02)
    for margin, change in ((0.003, 0.5), (0.009, 0.0)):
        settings = replace(TOGETHER, gripper_margin=margin)
        assert planned(world_model, half_open(start), settings) == pytest.approx(change, abs=0.05)
