"""The closed loop in a world that is known exactly."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from vjepa2_planner import (
    EnergyBelow,
    FingerCheck,
    LocalObserver,
    Outcome,
    PlanningFault,
    PursuitFailure,
    RecedingHorizon,
    Stall,
    preset,
    step_seed,
)


def pursuit(world_model: Any, arm: Any, goal: Tensor, **options: Any) -> RecedingHorizon[Tensor]:
    """The loop with the small preset; the analytic arm is its own camera."""
    observer = LocalObserver(world_model, arm, arm, clock=lambda: arm.now)
    planner = preset("demo_sim").planner()
    options = {"budget": 6, "seed": 11, "observer": observer, "planner": planner} | options
    return RecedingHorizon(
        world_model=world_model,
        arm=arm,
        goal=goal,
        **options,
    )


def test_reaches_the_goal(make_world_model: Any, make_arm: Any, goal: Tensor) -> None:
    """From 29 cm away six steps end within 1 cm, the energy falling until then."""
    arm = make_arm()
    loop = pursuit(make_world_model(), arm, goal)
    steps = list(loop)
    assert [step.index for step in steps] == list(range(6))
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.BUDGET_SPENT
    assert loop.ending.energy < 0.01
    assert np.linalg.norm(arm.pose[:3] - goal[0, :3].numpy()) < 0.01
    energies = [step.energy for step in steps[:4]]
    assert energies == sorted(energies, reverse=True)


def test_fingers_that_led_away_are_taken_back(
    make_world_model: Any, make_arm: Any, goal: Tensor
) -> None:
    """The model imagines that closed ones are wanted; the view of them tells otherwise."""
    world_model = make_world_model()
    imagined, closed = world_model.energies, torch.tensor([0.0] * 6 + [0.5])
    world_model.energies = lambda context, states, goal, actions: imagined(
        context, states, goal + closed, actions
    )
    ends = []
    settings = preset("demo_tasks").finger_settings()
    assert settings is not None
    for fingers in (None, FingerCheck[Tensor](settings)):
        arm = make_arm()
        options = {"planner": preset("demo_tasks").planner(), "fingers": fingers}
        steps = list(pursuit(world_model, arm, goal, **options))
        ends.append(float(arm.pose[6]))
        moved = [step for step in steps if step.action[6]]
        if fingers is not None:
            assert [float(np.abs(step.action[:6]).max()) for step in moved] == [0.0, 0.0]
    assert ends == pytest.approx([0.5, 0.0], abs=0.1)
    assert np.linalg.norm(arm.pose[:3] - goal[0, :3].numpy()) < 0.01


def test_steps_record_what_happened(make_world_model: Any, make_arm: Any, goal: Tensor) -> None:
    """Each step joins the next: state, state after the motion, commanded action, times."""
    steps = list(pursuit(make_world_model(), make_arm(), goal))
    for step, following in pairwise(steps):
        end = step.motion.end.pose
        np.testing.assert_array_equal(end, following.state)
        np.testing.assert_allclose(end[:3] - step.state[:3], step.action[:3], atol=1e-12)
        np.testing.assert_array_equal(step.action, step.plan.actions[0].numpy())
        assert step.planning_seconds >= step.plan.seconds > 0


def test_same_seed_same_run(make_world_model: Any, make_arm: Any, goal: Tensor) -> None:
    """A run repeats bit for bit; another seed does not."""

    def actions(seed: int) -> list[list[float]]:
        loop = pursuit(make_world_model(), make_arm(), goal, seed=seed)
        return [step.action.tolist() for step in loop]

    assert actions(11) == actions(11)
    assert actions(11) != actions(12)


def test_recorded_step_replays(make_world_model: Any, make_arm: Any, goal: Tensor) -> None:
    """The third step alone, from its record, gives the same plan bit for bit."""
    step = list(pursuit(make_world_model(), make_arm(), goal))[2]
    assert step.plan.seed == step_seed(11, 2)
    states = torch.as_tensor(step.state[None], dtype=torch.float32)
    again = (
        preset("demo_sim")
        .planner()
        .plan(make_world_model(), states, states, goal, seed=step.plan.seed)
    )
    assert torch.equal(again.actions, step.plan.actions)


def test_goal_matched_ends_early(make_world_model: Any, make_arm: Any, goal: Tensor) -> None:
    """The stopping rule sees the energy of the newest look."""
    loop = pursuit(make_world_model(), make_arm(), goal, stopping=[EnergyBelow(0.1)])
    steps = list(loop)
    assert len(steps) < 6
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.GOAL_MATCHED
    assert loop.ending.energy < 0.1 <= steps[-1].energy


def test_stall_ends_with_its_code(make_world_model: Any, make_arm: Any, goal: Tensor) -> None:
    """Held back by what the model cannot see beyond, the pursuit says that it stalls."""
    arm = make_arm()
    blind = make_world_model(blind_beyond=float(arm.pose[0]) + 0.03)
    loop = pursuit(blind, arm, goal, budget=30, stopping=[Stall(window=3)])
    assert len(list(loop)) < 30
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.STALLED
    assert loop.ending.energy > 0.05


def test_a_frozen_camera_ends_the_pursuit(
    make_world_model: Any, make_arm: Any, goal: Tensor
) -> None:
    """The same picture again and again, with new stamps: one step, then no more."""
    arm = make_arm()
    first = arm.capture()

    class Frozen:
        def capture(self) -> Any:
            return replace(arm.capture(), image=first.image)

    observer = LocalObserver(make_world_model(), Frozen(), arm, clock=lambda: arm.now)
    loop = pursuit(make_world_model(), arm, goal, observer=observer)
    (step,) = loop
    assert np.linalg.norm(step.action[:3]) > 0.01
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.CAMERA_SILENT
    assert "frozen" in loop.ending.reason


def test_planning_failure_moves_nothing(
    make_world_model: Any, make_arm: Any, goal: Tensor
) -> None:
    """Without a plan there is no motion, and the ending has the planner's code."""
    arm = make_arm()
    loop = pursuit(make_world_model(blind_beyond=-np.inf), arm, goal)
    assert list(loop) == []
    assert arm.motions == 0
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.PLANNING_FAILED
    assert loop.ending.code == PlanningFault.TOO_FEW_FINITE_ENERGIES


def test_refused_motion_ends_it(make_world_model: Any, make_arm: Any, goal: Tensor) -> None:
    """A refusal is recorded as a step, ends the pursuit and passes on the arm's code."""
    arm = make_arm(ends_at=2)
    loop = pursuit(make_world_model(), arm, goal)
    steps = list(loop)
    assert len(steps) == 3
    np.testing.assert_array_equal(steps[-1].motion.end.pose, steps[-1].state)
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.MOTION_REFUSED
    assert loop.ending.code == 50
    assert loop.ending.reason == "the floor is lava"


def test_failed_motion_ends_it(
    make_world_model: Any, make_arm: Any, goal: Tensor, lost: Any
) -> None:
    """A motion that fails midway is told apart from a refusal."""
    loop = pursuit(make_world_model(), make_arm(ends_at=0, code=lost), goal)
    list(loop)
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.MOTION_FAILED


@pytest.mark.parametrize("nan_after", [0, 5])
def test_non_finite_state_is_never_planned_from(
    make_world_model: Any, make_arm: Any, goal: Tensor, nan_after: int
) -> None:
    """Once the arm reports a NaN nothing is planned or moved, and the ending says so."""
    arm = make_arm(nan_after=nan_after)
    world_model = make_world_model()
    loop = pursuit(world_model, arm, goal)
    calls_after_steps = [world_model.calls for _ in loop]
    assert len(calls_after_steps) == nan_after + 1 == arm.motions
    assert world_model.calls == calls_after_steps[-1]
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.STATE_NOT_FINITE


def test_non_finite_view_is_never_planned_from(
    make_world_model: Any, make_arm: Any, goal: Tensor
) -> None:
    """A live energy that is not finite ends it before any motion."""
    arm = make_arm()
    loop = pursuit(make_world_model(), arm, torch.full_like(goal, np.nan))
    assert list(loop) == []
    assert arm.motions == 0
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.VIEW_NOT_FINITE


def test_budget_of_zero_only_looks(make_world_model: Any, make_arm: Any, goal: Tensor) -> None:
    """Without a budget there is one look and no motion."""
    loop = pursuit(make_world_model(), make_arm(), goal, budget=0)
    assert list(loop) == []
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.BUDGET_SPENT
    with pytest.raises(ValueError, match="budget"):
        pursuit(make_world_model(), make_arm(), goal, budget=-1)


class DelayedCamera:
    """Shows the arm as it was ``delay`` seconds ago; a frame every 0.1 s."""

    def __init__(self, arm: Any, delay: float) -> None:
        self.arm, self.delay = arm, delay
        self.frames = [arm.capture()]

    def capture(self) -> Any:
        self.frames.append(self.arm.capture())
        seen = [f for f in self.frames if f.stamp <= self.arm.now - self.delay]
        return seen[-1] if seen else self.frames[0]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(delay=st.floats(0.0, 3.0), settle=st.floats(0.0, 1.0))
def test_no_plan_uses_an_image_from_before_the_motion_ended(
    make_world_model: Any, make_arm: Any, goal: Tensor, delay: float, settle: float
) -> None:
    """However late the images come, each plan's image is later than motion end plus settling."""
    arm = make_arm()
    world_model = make_world_model()
    observer = LocalObserver(
        world_model, DelayedCamera(arm, delay), arm, timeout=10.0, clock=lambda: arm.now
    )
    loop = pursuit(world_model, arm, goal, observer=observer, settle_seconds=settle, budget=4)
    steps = list(loop)
    assert len(steps) == 4
    for step, following in pairwise(steps):
        assert following.stamp > step.motion.motion_end_stamp + settle
        np.testing.assert_array_equal(following.state, step.motion.end.pose)


def test_a_silent_camera_ends_it_with_its_code(
    make_world_model: Any, make_arm: Any, goal: Tensor
) -> None:
    """Where no image comes that is late enough, nothing is planned and the ending says so."""
    arm = make_arm()
    world_model = make_world_model()
    observer = LocalObserver(
        world_model, DelayedCamera(arm, 1e6), arm, timeout=2.0, clock=lambda: arm.now
    )
    loop = pursuit(world_model, arm, goal, observer=observer, not_before=0.5)
    assert list(loop) == []
    assert arm.motions == 0
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.CAMERA_SILENT
    assert np.isnan(loop.ending.energy)


def test_a_lost_world_model_keeps_the_steps_so_far(
    make_world_model: Any, make_arm: Any, goal: Tensor
) -> None:
    """A failure while planning ends it with its own code, after the steps that were made."""
    arm = make_arm()
    world_model = make_world_model()
    evaluate = world_model.energies

    def energies(*arguments: Any) -> Tensor:
        if arm.motions == 2:
            raise PursuitFailure(Outcome.WORLD_MODEL_LOST, "gone", 7)
        return evaluate(*arguments)

    world_model.energies = energies
    loop = pursuit(world_model, arm, goal)
    assert len(list(loop)) == 2
    assert loop.ending is not None
    assert (loop.ending.outcome, loop.ending.code) == (Outcome.WORLD_MODEL_LOST, 7)


def test_cancelled_between_planning_and_moving(
    make_world_model: Any, make_arm: Any, goal: Tensor
) -> None:
    """A request that comes while it plans keeps the arm where it is."""
    arm = make_arm()
    world_model = make_world_model()
    loop = pursuit(world_model, arm, goal, cancelled=lambda: world_model.calls > 0)
    assert list(loop) == []
    assert arm.motions == 0
    assert loop.ending is not None
    assert loop.ending.outcome is Outcome.CANCELLED


def test_the_times_of_a_step_add_up(make_world_model: Any, make_arm: Any, goal: Tensor) -> None:
    """Waiting, encoding, planning, motion and overhead are the whole step."""
    for step in pursuit(make_world_model(), make_arm(), goal):
        t = step.timing
        parts = t.waiting + t.encoding + t.planning + t.motion + t.overhead
        assert parts == pytest.approx(t.total)
        assert t.planning == step.plan.seconds
        assert t.motion == step.motion.seconds == 1.0
