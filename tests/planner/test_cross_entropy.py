"""The cross-entropy method in a world that is known exactly."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from vjepa2_planner import (
    Box,
    CrossEntropyMethod,
    L1Ball,
    OptimisingPlanner,
    PlanningFailure,
    PlanningFault,
    PlanSettings,
)

METHOD = CrossEntropyMethod(samples=256, refinements=8, elites=16, momentum_std_gripper=0.0)


@pytest.fixture
def planner() -> OptimisingPlanner:
    return OptimisingPlanner(METHOD, Box(0.075), seed=5)


def test_finds_near_goal(planner: OptimisingPlanner, make_world_model: Any, start: Tensor) -> None:
    """A goal within one step is planned to within a few millimetres."""
    offset = torch.tensor([0.05, -0.06, 0.02])
    goal = start.clone()
    goal[0, :3] += offset
    plan = planner.plan(make_world_model(), start, start, goal)
    torch.testing.assert_close(plan.actions[0, :3], offset, atol=4e-3, rtol=0)
    assert plan.energy < 0.005
    assert plan.hold_energy == pytest.approx(float(offset.norm()), abs=1e-5)


def test_far_goal_saturates_the_box(
    planner: OptimisingPlanner, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """A goal out of reach draws every axis to the border of the box, never beyond."""
    action = planner.plan(make_world_model(), start, start, goal).actions[0, :3]
    assert (action.abs() <= 0.075).all()
    torch.testing.assert_close(action, 0.075 * (goal - start)[0, :3].sign(), atol=8e-3, rtol=0)


def test_holds_still_when_there_is_little_to_gain(make_world_model: Any, start: Tensor) -> None:
    """Within the margin the plan is to stand still; beyond it, it is the plan without margin."""
    settings = PlanSettings(hold_margin=0.5)
    far, held = start.clone(), start.clone()
    far[0, 0] += 0.05
    held[0, 0] += 0.05
    held[0, 1] += 10.0  # all of the energy but a little is out of reach
    patient = OptimisingPlanner(METHOD, Box(0.075), settings, seed=5)
    eager = OptimisingPlanner(METHOD, Box(0.075), seed=5)
    plan = patient.plan(make_world_model(), start, start, held)
    assert not plan.actions.any()
    assert plan.energy == plan.hold_energy
    assert eager.plan(make_world_model(), start, start, held).actions.any()
    moved, plain = (p.plan(make_world_model(), start, start, far) for p in (patient, eager))
    assert torch.equal(moved.actions, plain.actions)


def test_l1_ball_holds(make_world_model: Any, start: Tensor, goal: Tensor) -> None:
    """With the L1 ball the planned step, too, is in the ball, and reaches its border."""
    plan = OptimisingPlanner(METHOD, L1Ball(0.075)).plan(make_world_model(), start, start, goal)
    length = float(plan.actions[0, :3].abs().sum())
    assert 0.07 < length <= 0.075 + 1e-6


def test_horizon_two_reaches_further(make_world_model: Any, start: Tensor) -> None:
    """Only the end of the sequence counts: two steps cover what one cannot."""
    goal = start.clone()
    goal[0, 0] += 0.14
    world_model = make_world_model()
    two = OptimisingPlanner(METHOD, Box(0.075), PlanSettings(horizon=2))
    one = OptimisingPlanner(METHOD, Box(0.075))
    plan = two.plan(world_model, start, start, goal)
    assert plan.actions.shape == (2, 7)
    assert plan.energy < 0.02 < one.plan(world_model, start, start, goal).energy


def test_gripper_follows_the_goal(make_world_model: Any, start: Tensor) -> None:
    """The gripper is planned within +-0.75, and a small change becomes none."""
    closed, slightly = start.clone(), start.clone()
    closed[0, 6], slightly[0, 6] = 0.6, 0.1
    planner = OptimisingPlanner(replace(METHOD, samples=512), Box(0.075))
    world_model = make_world_model()
    assert planner.plan(world_model, start, start, closed).actions[0, 6] == pytest.approx(
        0.6, abs=0.1
    )
    assert planner.plan(world_model, start, start, slightly).actions[0, 6] == 0.0


def test_fixed_gripper_is_left_alone(make_world_model: Any, start: Tensor) -> None:
    """With a fixed gripper its change is exactly 0, and the draws of x, y, z are the same."""
    goal = start.clone()
    goal[0, 6] = 1.0
    planner = OptimisingPlanner(METHOD, Box(0.075), PlanSettings(fixed_gripper=True))
    plan = planner.plan(make_world_model(), start, start, goal)
    assert plan.actions[0, 6] == 0.0
    assert all((record.std[:, 6] == 0).all() for record in plan.trace)


def test_include_mean_never_loses_standing_still(make_world_model: Any, start: Tensor) -> None:
    """At the goal, the zero action is among the candidates of the first refinement."""
    world_model = make_world_model()
    method = replace(METHOD, include_mean=True)
    plan = OptimisingPlanner(method, Box(0.075)).plan(world_model, start, start, start)
    assert plan.trace[0].best_energy < 1e-6
    without = OptimisingPlanner(METHOD, Box(0.075)).plan(world_model, start, start, start)
    assert without.trace[0].best_energy > 1e-4


def test_same_seed_same_plan(
    planner: OptimisingPlanner, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """A seed fixes the plan bit for bit, whatever was planned before; another seed differs."""
    world_model = make_world_model()
    first = planner.plan(world_model, start, start, goal)
    other = planner.plan(world_model, start, start, goal, seed=6)
    again = planner.plan(world_model, start, start, goal, seed=first.seed)
    assert torch.equal(first.actions, again.actions)
    assert first.energy == again.energy
    assert [r.elite_energies for r in first.trace] == [r.elite_energies for r in again.trace]
    assert not torch.equal(first.actions, other.actions)


def test_given_noise_replaces_the_seed(
    planner: OptimisingPlanner, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """The seed's own draws, given as noise, give the seed's plan."""
    draws = torch.randn(8, 1, 256, 4, generator=torch.Generator().manual_seed(5))
    given = planner.plan(make_world_model(), start, start, goal, draws)
    assert torch.equal(given.actions, planner.plan(make_world_model(), start, start, goal).actions)
    assert given.seed is None


def test_does_not_touch_the_global_generator(
    planner: OptimisingPlanner, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """Planning neither reads nor advances torch's global generator."""
    before = torch.get_rng_state()
    planner.plan(make_world_model(), start, start, goal)
    assert torch.equal(before, torch.get_rng_state())


def test_trace_records_every_refinement(
    planner: OptimisingPlanner, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """One record a refinement, elites ascending, the distribution narrowing."""
    world_model = make_world_model()
    plan = planner.plan(world_model, start, start, goal)
    assert len(plan.trace) == METHOD.refinements
    assert world_model.calls == METHOD.refinements + 1
    for record in plan.trace:
        assert len(record.elite_energies) == METHOD.elites
        assert list(record.elite_energies) == sorted(record.elite_energies)
        assert record.best_energy == record.elite_energies[0]
        assert record.finite == METHOD.samples
    assert plan.trace[-1].std[0, :3].max() < plan.trace[0].std[0, :3].max()
    assert plan.seconds >= sum(record.seconds for record in plan.trace) > 0


def test_longer_context_is_accepted(
    planner: OptimisingPlanner, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """With several context frames planning starts from the last."""
    context = torch.cat([goal, start])
    plan = planner.plan(make_world_model(), context, context, goal)
    assert torch.equal(plan.actions, planner.plan(make_world_model(), start, start, goal).actions)


@pytest.mark.parametrize("energy", [np.nan, np.inf, -np.inf])
def test_non_finite_energy_never_wins(
    planner: OptimisingPlanner, make_world_model: Any, start: Tensor, goal: Tensor, energy: float
) -> None:
    """Where the model has no finite energy beyond some x, the plan stays short of it."""
    world_model = make_world_model(blind_beyond=float(start[0, 0]) + 0.03, blind_energy=energy)
    plan = planner.plan(world_model, start, start, goal)
    assert plan.actions[0, 0] <= 0.03
    assert np.isfinite(plan.energy)
    assert plan.trace[0].finite < METHOD.samples


def test_too_few_finite_energies_is_a_failure(
    planner: OptimisingPlanner, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """Without enough finite candidates there is a code and no action."""
    with pytest.raises(PlanningFailure, match="0 of 256") as failure:
        planner.plan(make_world_model(blind_beyond=-np.inf), start, start, goal)
    assert failure.value.code is PlanningFault.TOO_FEW_FINITE_ENERGIES


def test_plan_without_finite_energy_is_a_failure(
    planner: OptimisingPlanner, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """The mean itself must have a finite energy, however good the elites were."""
    world_model = make_world_model()
    score = world_model.energies
    world_model.energies = lambda c, s, g, a: score(c, s, g, a) / (len(a) > 2)
    with pytest.raises(PlanningFailure) as failure:
        planner.plan(world_model, start, start, goal)
    assert failure.value.code is PlanningFault.PLAN_ENERGY_NOT_FINITE


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_non_finite_state_never_reaches_the_model(
    planner: OptimisingPlanner, make_world_model: Any, start: Tensor, goal: Tensor, value: float
) -> None:
    """A state that is not finite is a failure before the model is asked."""
    world_model = make_world_model()
    states = start.clone()
    states[0, 4] = value
    with pytest.raises(PlanningFailure) as failure:
        planner.plan(world_model, start, states, goal)
    assert failure.value.code is PlanningFault.STATE_NOT_FINITE
    assert world_model.calls == 0


@pytest.mark.parametrize("shape", [(7,), (0, 7), (1, 6)])
def test_bad_states_are_refused(
    planner: OptimisingPlanner,
    make_world_model: Any,
    start: Tensor,
    goal: Tensor,
    shape: tuple[int, ...],
) -> None:
    """States of another shape are an error that shows it."""
    with pytest.raises(ValueError, match="states must be"):
        planner.plan(make_world_model(), start, torch.zeros(shape), goal)


@pytest.mark.parametrize("noise", [torch.zeros(8, 1, 255, 4), torch.full((8, 1, 256, 4), np.nan)])
def test_bad_noise_is_refused(
    planner: OptimisingPlanner, make_world_model: Any, start: Tensor, goal: Tensor, noise: Tensor
) -> None:
    """Noise of another shape, or not finite, is an error."""
    with pytest.raises(ValueError, match="noise must be"):
        planner.plan(make_world_model(), start, start, goal, noise)


def test_energies_of_another_shape_are_refused(
    planner: OptimisingPlanner, make_world_model: Any, start: Tensor, goal: Tensor
) -> None:
    """A world model that does not give one energy a candidate is an error."""
    world_model = make_world_model()
    score = world_model.energies
    world_model.energies = lambda c, s, g, a: score(c, s, g, a)[:, None]
    with pytest.raises(ValueError, match="one each"):
        planner.plan(world_model, start, start, goal)
