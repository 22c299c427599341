"""One goal of an action, followed from another thread."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ros.sequencer_peers import ToyPlanner
from vjepa2_msgs.action import PursueGoal
from vjepa2_msgs.msg import Outcome
from vjepa2_node import names
from vjepa2_node.threaded_action_client import ThreadedActionClient
from vjepa2_planning.action_call import ActionCall, Ended


@pytest.fixture
def planner(graph: Any) -> ToyPlanner:
    """The action's server."""
    planner: ToyPlanner = graph.add(ToyPlanner)
    return planner


def _call(graph: Any, client: ThreadedActionClient, budget: int) -> ActionCall:
    assert client.wait_for_server(20.0)
    return ActionCall(client, PursueGoal.Goal(budget=budget))


def test_no_feedback_is_lost(graph: Any, planner: ToyPlanner) -> None:
    """Also when the result arrives together with the last of it."""
    client = ThreadedActionClient(graph.client, PursueGoal, names.PURSUE_GOAL)
    planner.allow(1000)
    for _ in range(30):
        call = _call(graph, client, budget=6)
        seen = []
        while not isinstance(news := call.next(20.0), Ended):
            seen.append(news.step.index)
        assert seen == list(range(6))
        assert news.result.outcome.outcome == Outcome.BUDGET_SPENT


def test_cancelled_before_it_was_taken(graph: Any, planner: ToyPlanner) -> None:
    """The cancellation is sent as soon as there is something to cancel."""
    client = ThreadedActionClient(graph.client, PursueGoal, names.PURSUE_GOAL)
    call = _call(graph, client, budget=3)
    call.cancel()
    while not isinstance(news := call.next(20.0), Ended):
        assert news is None  # woken by the request to cancel
    assert news.result.outcome.outcome == Outcome.CANCELLED


def test_woken(graph: Any, planner: ToyPlanner) -> None:
    """`next` returns without news."""
    client = ThreadedActionClient(graph.client, PursueGoal, names.PURSUE_GOAL)
    call = _call(graph, client, budget=1)
    call.wake()
    assert call.next(20.0) is None
    assert call.next(0.0) is None
    planner.allow()
    assert call.next(20.0).step.index == 0
    assert isinstance(call.next(20.0), Ended)
