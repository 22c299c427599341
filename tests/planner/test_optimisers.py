"""What holds for every optimiser, in a world that is known exactly."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from vjepa2_planner import (
    Box,
    CrossEntropyMethod,
    GradientDescent,
    Hybrid,
    ImprovedCrossEntropyMethod,
    L1Ball,
    Optimiser,
    OptimisingPlanner,
    PathIntegral,
    PlanningFailure,
    PlanningFault,
    PlanSettings,
    ResponseSurface,
    identical,
    replay,
)

OPTIMISERS: dict[str, Optimiser] = {
    "cem": CrossEntropyMethod(samples=128, refinements=6, elites=12),
    "icem": ImprovedCrossEntropyMethod(samples=128, refinements=6, elites=12),
    "mppi": PathIntegral(samples=128, refinements=6),
    "gradient": GradientDescent(starts=6, refinements=12),
    "hybrid": Hybrid(samples=32, descent=GradientDescent(starts=4, refinements=12)),
    "surface": ResponseSurface(
        first_samples=128, samples=64, refinements=10, elites=8, decay=1.0, fitted=100
    ),
    "surface with descent": ResponseSurface(
        first_samples=64,
        samples=32,
        refinements=18,
        elites=6,
        descent=GradientDescent(starts=4, refinements=12, step=0.2),
    ),
}
SETTINGS = {
    "pseudo-random": PlanSettings(),
    "low discrepancy": PlanSettings(low_discrepancy=True),
    "two steps": PlanSettings(horizon=2),
    "repeated": PlanSettings(repeat=2),
}
each = pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS.keys())


@each
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
def test_finds_a_near_goal(
    optimiser: Optimiser, settings: PlanSettings, make_world_model: Any, start: Tensor
) -> None:
    """Standing still costs 8 cm, the plan under 1 cm."""
    goal = start.clone()
    goal[0, :3] += torch.tensor([0.05, -0.06, 0.02])
    plan = OptimisingPlanner(optimiser, Box(0.075), settings, seed=3).plan(
        make_world_model(), start, start, goal
    )
    assert plan.hold_energy == pytest.approx(0.0806, abs=1e-3)
    assert plan.energy < 0.01


@each
@pytest.mark.parametrize("constraint", [Box(0.03), L1Ball(0.03), Box(0.03, axes="xz")])
def test_stays_within_the_constraint(
    optimiser: Optimiser,
    constraint: Box | L1Ball,
    make_world_model: Any,
    start: Tensor,
    goal: Tensor,
) -> None:
    """A goal out of reach draws the plan to the border, never beyond."""
    plan = OptimisingPlanner(optimiser, constraint).plan(make_world_model(), start, start, goal)
    torch.testing.assert_close(constraint.project(plan.actions), plan.actions, atol=1e-7, rtol=0)
    assert float(plan.actions[0, :3].abs().sum()) > 0.028
    assert plan.energy < plan.hold_energy


@each
def test_plans_rotations_where_they_are_allowed(
    optimiser: Optimiser, make_world_model: Any, start: Tensor
) -> None:
    """With all 7 numbers planned, candidates turn; the analytic energy does not care."""
    wide = Box(0.075, rotation_limit=0.2)
    plan = OptimisingPlanner(optimiser, wide).plan(make_world_model(), start, start, start)
    assert plan.actions[:, 3:6].abs().max() <= 0.2
    assert (plan.trace[0].std[:, 3:6] > 0).all()


@each
def test_same_seed_same_plan_and_replay(
    optimiser: Optimiser, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """A seed fixes the plan bit for bit; another seed gives another."""
    planner = OptimisingPlanner(optimiser, Box(0.075), seed=5)
    world_model = make_world_model()
    first = planner.plan(world_model, start, start, goal)
    other = planner.plan(world_model, start, start, goal, seed=6)
    assert identical(first, replay(first, planner, world_model, start, start, goal))
    assert not identical(first, other)


@each
def test_counts_its_evaluations(
    optimiser: Optimiser, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """What the plan says is what the world model was asked; a gradient counts three."""
    world_model = make_world_model()
    asked = []
    energies, gradients = world_model.energies, world_model.energies_with_gradients

    def counted(c: Tensor, s: Tensor, g: Tensor, actions: Tensor) -> Tensor:
        asked.append(len(actions))
        result: Tensor = energies(c, s, g, actions)
        return result

    def counted_thrice(c: Tensor, s: Tensor, g: Tensor, actions: Tensor) -> tuple[Tensor, Tensor]:
        # The analytic gradient asks `energies`, which counts once itself.
        asked.append(2 * len(actions))
        result: tuple[Tensor, Tensor] = gradients(c, s, g, actions)
        return result

    world_model.energies = counted
    world_model.energies_with_gradients = counted_thrice
    plan = OptimisingPlanner(optimiser, Box(0.075)).plan(world_model, start, start, goal)
    assert plan.evaluations == sum(asked)


@each
def test_time_budget_gives_the_best_so_far(
    optimiser: Optimiser, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """After a budget that is spent at once there is one refinement, a flag, and a replay."""
    world_model = make_world_model()
    hasty = OptimisingPlanner(optimiser, Box(0.075), PlanSettings(time_budget=1e-9))
    plan = hasty.plan(world_model, start, start, goal)
    assert len(plan.trace) == 1
    assert not plan.complete
    assert plan.energy <= plan.hold_energy
    assert identical(plan, replay(plan, hasty, world_model, start, start, goal))
    patient = OptimisingPlanner(optimiser, Box(0.075), PlanSettings(time_budget=600.0))
    whole = patient.plan(world_model, start, start, goal)
    assert whole.complete
    assert len(whole.trace) == optimiser.refinements


@each
def test_warm_start_is_where_it_begins(
    optimiser: Optimiser, make_world_model: Any, start: Tensor
) -> None:
    """Two thirds of the way to a goal beyond one step's sight, a warm start gets nearer."""
    settings = PlanSettings(warm_start=True)
    planner = OptimisingPlanner(optimiser, Box(0.075), settings)
    warm = torch.tensor([[0.05, 0.02, -0.01, 0.0, 0.0, 0.0, 0.0]])
    world_model = make_world_model()
    plan = planner.plan(world_model, start, start, start, warm=warm)
    assert torch.equal(plan.first_mean, warm)
    assert identical(plan, replay(plan, planner, world_model, start, start, start))
    cold = replace(planner, settings=PlanSettings())
    assert not cold.plan(world_model, start, start, start, warm=warm).first_mean.any()
    longer = replace(planner, settings=PlanSettings(horizon=2, warm_start=True))
    assert not longer.plan(world_model, start, start, start, warm=warm).first_mean.any()


@each
@pytest.mark.parametrize("energy", [np.nan, np.inf, -np.inf])
def test_non_finite_energy_never_wins(
    optimiser: Optimiser, make_world_model: Any, start: Tensor, goal: Tensor, energy: float
) -> None:
    """Where the model has no finite energy beyond some x, the plan stays short of it."""
    world_model = make_world_model(blind_beyond=float(start[0, 0]) + 0.03, blind_energy=energy)
    plan = OptimisingPlanner(optimiser, Box(0.075)).plan(world_model, start, start, goal)
    assert plan.actions[0, 0] <= 0.03 + 1e-6
    assert np.isfinite(plan.energy)
    assert plan.actions.isfinite().all()


@each
def test_no_finite_energy_is_a_failure(
    optimiser: Optimiser, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """Without finite candidates there is a code and no action."""
    blind = make_world_model(blind_beyond=-np.inf)
    with pytest.raises(PlanningFailure, match="0 of ") as failure:
        OptimisingPlanner(optimiser, Box(0.075)).plan(blind, start, start, goal)
    assert failure.value.code is PlanningFault.TOO_FEW_FINITE_ENERGIES


@pytest.mark.parametrize("name", ["gradient", "hybrid", "surface with descent"])
def test_a_model_without_gradients_is_named(
    name: str, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """The error says what it cannot do, and what to choose instead."""

    class OnlyEnergies:
        device = torch.device("cpu")
        energies = staticmethod(make_world_model().energies)

    planner = OptimisingPlanner(OPTIMISERS[name], Box(0.075))
    with pytest.raises(TypeError, match=r"OnlyEnergies gives no gradients: .*cem"):
        planner.plan(OnlyEnergies(), start, start, goal)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["gradient", "hybrid", "surface with descent"])
def test_gradients_need_far_fewer_evaluations(
    name: str, make_world_model: Any, start: Tensor
) -> None:
    """To a goal within reach, as near as the cross-entropy method with a tenth of the work."""
    goal = start.clone()
    goal[0, :3] += torch.tensor([0.03, 0.06, -0.05])
    world_model = make_world_model()
    many = CrossEntropyMethod(samples=800, refinements=10, elites=10)
    reference = OptimisingPlanner(many, Box(0.075)).plan(world_model, start, start, goal)
    plan = OptimisingPlanner(OPTIMISERS[name], Box(0.075)).plan(world_model, start, start, goal)
    assert plan.energy < max(reference.energy, 2e-3)
    assert plan.evaluations < reference.evaluations / 10
