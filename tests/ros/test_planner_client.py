"""Pursuits by a planner, from another thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.ros.sequencer_peers import ToyPlanner
from vjepa2_msgs.action import PursueGoal
from vjepa2_msgs.msg import Outcome, PursuitStep
from vjepa2_node.managed_node import ManagedNode
from vjepa2_planner import Outcome as PursuitOutcome
from vjepa2_planning.interruption import Interruption
from vjepa2_planning.planner_client import PlannerClient
from vjepa2_planning.sequencer_parameters import PARAMETERS


@pytest.fixture
def planner(graph: Any) -> ToyPlanner:
    """The planner."""
    planner: ToyPlanner = graph.add(ToyPlanner)
    return planner


@pytest.fixture
def client(graph: Any) -> Iterator[PlannerClient]:
    """Of a node with the sequencer's parameters."""
    node = graph.add(lambda **options: ManagedNode("pursuer", PARAMETERS, **options))
    client = PlannerClient(node)
    yield client
    client.close()


def test_an_exception_cancels_the_pursuit(planner: ToyPlanner, client: PlannerClient) -> None:
    """Also that of whoever is told of the steps: no arm goes on with nobody following."""

    def on_step(_: PursuitStep) -> None:
        raise KeyError("as the test wants")

    planner.allow(1)
    with pytest.raises(KeyError, match="as the test wants"):
        client.pursue(PursueGoal.Goal(budget=5), Interruption(), on_step)
    assert planner.ended.get(timeout=20.0) == Outcome.CANCELLED


def test_interrupted_before_it_began(planner: ToyPlanner, client: PlannerClient) -> None:
    """The planner is not asked."""
    interruption = Interruption()
    interruption.interrupt()
    planner.allow()
    end = client.pursue(PursueGoal.Goal(budget=5), interruption, lambda _: None)
    assert (end.outcome, end.steps) == (PursuitOutcome.CANCELLED, 0)
    assert not planner.goals
