"""The planner by itself: without its peers, and with a world model and an arm of the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import torch
from action_msgs.msg import GoalStatus
from lifecycle_msgs.msg import Transition
from rclpy.action import ActionServer, CancelResponse

from tests.ros.conftest import WAIT, Graph
from vjepa2_msgs.action import ExecuteDelta, PursueGoal
from vjepa2_msgs.msg import EndEffectorState, LatentId, MotionCode, Outcome
from vjepa2_node import names
from vjepa2_node.qos import STATES
from vjepa2_node.stamps import now_seconds, to_time
from vjepa2_planner import PursuitFailure
from vjepa2_planning.planner_node import PlannerNode
from vjepa2_world_model.access import EncodedView, WorldModelError
from vjepa2_world_model.latents import LatentId as Id

SMALL = {"samples": 8, "refinements": 2, "elites": 3, "image_timeout": 0.3, "state_timeout": 0.3}
POSE = [0.5, 0.0, 0.3, 3.14, 0.0, 0.0, 0.0]


class Model:
    """A world model whose energies lead along +x; waits at `gate` while it evaluates."""

    device = torch.device("cpu")

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.gate = threading.Event()
        self.gate.set()
        self.evaluating = threading.Event()
        self.failure: Exception | None = None
        self.apart: float | Exception = 1.0
        self.energy = 1.0

    def view(self, goal: Any, after: float, timeout: float, /) -> EncodedView:
        if self.failure is not None:
            raise self.failure
        return EncodedView(Id(1, 2), now_seconds(self.clock), self.energy, 0.0, 0.0)

    def energies(self, context: Any, states: Any, goal: Any, actions: Any, /) -> torch.Tensor:
        self.evaluating.set()
        assert self.gate.wait(WAIT)
        return 1.0 - actions[:, 0, 0]

    def distance(self, latent: Any, goal: Any, /) -> float:
        if isinstance(self.apart, Exception):
            raise self.apart
        return self.apart

    def encode_goal(self, goal: Any, /) -> Id:
        return Id(1, 1)


class Desk:
    """A planner with the model above, an arm that only notes, and states of it."""

    def __init__(
        self, graph: Graph, states: bool = True, bridge: bool = True, **parameters: Any
    ) -> None:
        self.graph = graph
        self.commands: list[ExecuteDelta.Goal] = []
        self.model = Model(graph.client.get_clock())
        self.node = graph.add(
            lambda **options: PlannerNode(world_model=self.model, **options),
            **SMALL,
            **parameters,
        )
        if bridge:
            self._server = ActionServer(
                graph.client,
                ExecuteDelta,
                names.EXECUTE_DELTA,
                self._execute,
                cancel_callback=lambda _: CancelResponse.ACCEPT,
            )
        if states:
            self._states = graph.client.create_publisher(
                EndEffectorState, names.END_EFFECTOR_STATE, STATES
            )
            self._timer = graph.client.create_timer(0.02, self._publish)
            self._await_states()

    def start(self, budget: int = 2, number: int = 1) -> Any:
        goal = PursueGoal.Goal(goal=LatentId(session=1, number=number), budget=budget, seed=1)
        return self.graph.send(PursueGoal, names.PURSUE_GOAL, goal)

    def _await_states(self) -> None:
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            with suppress(PursuitFailure):
                self.node._states.at(now_seconds(self.graph.client.get_clock()), 0.3)
                return
        raise AssertionError("no state has reached the planner")

    def _publish(self) -> None:
        message = EndEffectorState(state=POSE)
        message.header.stamp = self.graph.client.get_clock().now().to_msg()
        self._states.publish(message)

    def _execute(self, handle: Any) -> ExecuteDelta.Result:
        self.commands.append(handle.request)
        result = ExecuteDelta.Result()
        result.report.code.code = MotionCode.REACHED
        result.report.start = result.report.end = POSE
        result.report.motion_end_stamp = to_time(now_seconds(self.graph.client.get_clock()))
        handle.succeed()
        return result


@pytest.fixture
def desk(graph: Graph) -> Iterator[Desk]:
    desk = Desk(graph)
    yield desk
    desk.model.gate.set()


def test_commands_follow_the_energies(desk: Desk) -> None:
    """Along +x, within the box, with rising numbers, and from the state that was planned from."""
    result = desk.graph.result(desk.start(budget=2))
    assert (result.outcome.outcome, result.steps) == (Outcome.BUDGET_SPENT, 2)
    assert list(result.state) == pytest.approx(POSE)
    first, second = desk.commands
    assert first.sequence < second.sequence
    for command in desk.commands:
        assert 0.0 < command.delta[0] <= 0.075
        assert command.header.frame_id == "fr3_link0"
        assert command.has_start
        assert list(command.start) == pytest.approx(POSE)


@pytest.mark.parametrize(
    ("apart", "closed"),
    [(0.01, 0.75), (1.0, 0.0), (WorldModelError(None, "no such latent"), 0.0)],
)
def test_fingers_do_what_leads_from_the_last_goal_to_this_one(
    graph: Graph, apart: float | Exception, closed: float
) -> None:
    """The planner remembers it; it tells nothing where the arm moves or nobody knows it."""
    desk = Desk(
        graph,
        gripper_tries=5,
        gripper_by_direction=True,
        gripper_check=True,
        gripper_alone=0.02,
    )
    desk.model.apart, desk.model.energy = apart, 0.01
    for number in (1, 2):
        result = desk.graph.result(desk.start(budget=2, number=number))
        assert result.outcome.outcome == Outcome.BUDGET_SPENT
    assert [command.delta[6] for command in desk.commands] == [0.0, 0.0, closed, 0.0]


def test_cancelled_while_planning_nothing_is_commanded(desk: Desk) -> None:
    """The pursuit ends CANCELLED at the next question to the world model."""
    desk.model.gate.clear()
    handle = desk.start()
    assert desk.model.evaluating.wait(WAIT)
    handle.cancel_goal_async()
    answered = desk.graph.result_status
    threading.Timer(0.2, desk.model.gate.set).start()
    response = answered(handle)
    assert response.status == GoalStatus.STATUS_CANCELED
    assert response.result.outcome.outcome == Outcome.CANCELLED
    assert desk.commands == []


def test_a_new_activation_does_not_revive_a_pursuit(desk: Desk) -> None:
    """Deactivated and activated again while it plans, the old pursuit still commands nothing."""
    desk.model.gate.clear()
    handle = desk.start()
    assert desk.model.evaluating.wait(WAIT)
    desk.graph.change("planner", Transition.TRANSITION_DEACTIVATE)
    desk.graph.change("planner", Transition.TRANSITION_ACTIVATE)
    desk.model.gate.set()
    result = desk.graph.result(handle)
    assert result.outcome.outcome == Outcome.CANCELLED
    assert desk.commands == []
    assert desk.graph.result(desk.start(budget=1)).outcome.outcome == Outcome.BUDGET_SPENT


def test_an_inactive_planner_says_so(desk: Desk) -> None:
    """By its own code."""
    desk.graph.change("planner", Transition.TRANSITION_DEACTIVATE)
    assert desk.graph.result(desk.start()).outcome.outcome == Outcome.INACTIVE


def test_without_an_image_the_code_is_the_cameras(desk: Desk) -> None:
    """And nothing is commanded."""
    desk.model.failure = WorldModelError(2, "no image")  # NO_IMAGE
    result = desk.graph.result(desk.start())
    assert result.outcome.outcome == Outcome.CAMERA_SILENT
    assert np.isnan(result.energy)
    assert desk.commands == []


def test_an_unexpected_error_has_a_code(desk: Desk) -> None:
    """It is named in the message, and the planner goes on to serve."""
    desk.model.failure = ZeroDivisionError("a bug")
    result = desk.graph.result(desk.start())
    assert result.outcome.outcome == Outcome.FAILED
    assert "a bug" in result.outcome.message
    desk.model.failure = None
    assert desk.graph.result(desk.start(budget=1)).outcome.outcome == Outcome.BUDGET_SPENT


def test_without_the_arms_state_nothing_is_planned(graph: Graph) -> None:
    """An image alone is not enough: ARM_SILENT."""
    desk = Desk(graph, states=False)
    result = desk.graph.result(desk.start())
    assert result.outcome.outcome == Outcome.ARM_SILENT
    assert not desk.model.evaluating.is_set()


def test_without_a_bridge_the_code_is_the_arms(graph: Graph) -> None:
    """After a plan that nobody carries out."""
    desk = Desk(graph, bridge=False)
    result = desk.graph.result(desk.start())
    assert result.outcome.outcome == Outcome.ARM_SILENT
    assert "bridge" in result.outcome.message
    assert result.steps == 0


def test_a_default_result_is_never_a_success() -> None:
    """What rclpy sends for a server that raised."""
    assert PursueGoal.Result().outcome.outcome == Outcome.UNKNOWN
    assert ExecuteDelta.Result().report.code.code == MotionCode.UNKNOWN
