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


class Deaf(ThreadedActionClient):
    """Hears no answer to a goal, as when the middleware has dropped it; or hears it late."""

    def __init__(self, *arguments: Any, late: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._late = late
        self._missed: Any = None
        self.dropped = 0

    def take_data(self) -> dict[str, Any]:
        taken = super().take_data()
        if "goal" in taken:
            self._missed = taken.pop("goal")
            self.dropped += 1
        elif self._late and "status" not in taken and self._missed:
            taken["goal"], self._missed = self._missed, None
        return taken


@pytest.mark.parametrize("late", [False, True])
def test_a_lost_answer(graph: Any, planner: ToyPlanner, late: bool) -> None:
    """A goal whose status has come has been taken: it is followed to its end."""
    client = Deaf(graph.client, PursueGoal, names.PURSUE_GOAL, late=late)
    planner.allow(1000)
    for goals in range(1, 4):
        call = _call(graph, client, budget=6)
        seen = []
        while not isinstance(news := call.next(20.0), Ended):
            seen.append(news.step.index)
        assert client.dropped == goals
        assert seen == list(range(6))
        assert news.result.outcome.outcome == Outcome.BUDGET_SPENT


def test_cancelled_after_a_lost_answer(graph: Any, planner: ToyPlanner) -> None:
    """What runs although its answer was lost can be ended."""
    client = Deaf(graph.client, PursueGoal, names.PURSUE_GOAL, late=False)
    call = _call(graph, client, budget=3)
    planner.allow(1)
    assert call.next(20.0).step.index == 0
    call.cancel()
    while not isinstance(news := call.next(20.0), Ended):
        assert news is None
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
