"""Plans out of messages, and what is said of those that cannot be computed again."""

from __future__ import annotations

import math

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message

from vjepa2_monitor.plan_replay import UNKNOWN, PlanReplay, plan_of
from vjepa2_monitor.recorded_run import RecordedPlan
from vjepa2_msgs.msg import PlanTrace, PursuitStep
from vjepa2_planner import Plan, Refinement, identical
from vjepa2_planning.pursuit_messages import plan_message

FLOATS = st.floats(width=32, allow_nan=False)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    horizon = draw(st.integers(1, 3))

    def actions() -> torch.Tensor:
        numbers = draw(st.lists(FLOATS, min_size=7 * horizon, max_size=7 * horizon))
        return torch.tensor(numbers, dtype=torch.float32).reshape(horizon, 7)

    trace = tuple(
        Refinement(
            actions(),
            actions(),
            tuple(sorted(draw(st.lists(FLOATS, min_size=1, max_size=4)))),
            draw(st.integers(0, 800)),
            number,
            0.1,
        )
        for number in range(draw(st.integers(1, 3)))
    )
    energy, hold = draw(FLOATS), draw(st.just(math.inf) | FLOATS)
    seed = draw(st.integers(0, 2**63 - 1))
    return Plan(actions(), energy, hold, trace, 0.5, seed, 9, draw(st.booleans()), actions())


@settings(max_examples=30)
@given(plans())
def test_a_plan_survives_its_message_bit_for_bit(plan: Plan) -> None:
    """Through the wire and back: nothing that a replay compares or needs is rounded."""
    raw = serialize_message(plan_message(plan))
    again = plan_of(deserialize_message(raw, PlanTrace))
    assert identical(plan, again)
    assert (again.seed, again.complete) == (plan.seed, plan.complete)
    assert torch.equal(again.first_mean, plan.first_mean)


def test_what_was_not_recorded_is_named() -> None:
    """Nothing is guessed."""
    plan = RecordedPlan(0, PursuitStep(), None, None, {}, None, np.eye(2))
    verdict = PlanReplay().verdict(plan)
    assert verdict.verdict == UNKNOWN
    assert verdict.reason == (
        "not recorded: the frame that it was made from, its goal, the world model's parameters"
    )
