"""Every service and action of a running stack with a simulated arm, which must not move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from lifecycle_msgs.srv import GetState
from rcl_interfaces.srv import SetParameters
from rclpy.action import get_action_names_and_types
from rclpy.parameter import Parameter as RosParameter

from tests.fuzz.cases import ACCEPTED, STILL, Tally, sizes
from tests.fuzz.messages import messages
from tests.fuzz.page import Page
from tests.fuzz.values import NOT_FINITE
from tests.ros.conftest import WAIT, Graph, domain
from tests.system.conftest import Lab, lab, log_folder
from vjepa2_bringup.node_table import node_names
from vjepa2_bringup.parameter_page import NODES
from vjepa2_msgs.action import CalibrateCamera, ExecuteDelta, PursueGoal, RunTask
from vjepa2_msgs.msg import EndEffectorState, Goal, LatentId, MotionCode, RobotMode
from vjepa2_msgs.srv import EncodeView, Jog, MoveHome, SetGripper
from vjepa2_node import names
from vjepa2_node.calls import call, is_found, result_of
from vjepa2_node.parameters import Parameter
from vjepa2_node.qos import STATES
from vjepa2_node.threaded_action_client import ThreadedActionClient
from vjepa2_planner.task_fields import is_name

__all__ = ["domain", "lab", "log_folder"]  # fixtures
ACTIVE = 3
SEED = 31
UNFORESEEN = ("FAILED", "UNKNOWN", "MOTION_FAILED")
"""Codes that stand for an error nobody foresaw."""
TOO_FAR = (*NOT_FINITE, 1e308, -1e308, 1.0, -1.0)
BAD_TIMES = (*NOT_FINITE, -1.0, -5e-324, 31.0, 1e308, 0.0, 0.01)
MOVES = {names.HOME}
"""Without a field that could be bad, and bound to move the arm: the control."""


class Still:
    """Watches the arm from now on."""

    def __init__(self, graph: Graph) -> None:
        self._states = graph.collect(EndEffectorState, names.END_EFFECTOR_STATE, STATES)
        self._start = np.array(self._states.until().state)

    def moved(self) -> float:
        """The greatest distance from where it stood [m], or 1.0 where it said that it moves."""
        self._states.next(3)
        seen = list(self._states.messages)
        if any(message.mode == RobotMode.MOVING for message in seen):
            return 1.0
        places = np.array([np.array(message.state[:3]) for message in seen])
        return float(np.linalg.norm(places - self._start[:3], axis=1).max())


class Callers:
    """Clients of all services and actions that the graph offers, found by asking it."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        services = graph.client.get_service_names_and_types()
        self.services = {
            name.lstrip("/"): _type(kinds[0])
            for name, kinds in services
            if kinds[0].startswith("vjepa2_msgs/srv/")
        }
        actions = get_action_names_and_types(graph.client)
        self.actions = {name.lstrip("/"): _type(kinds[0]) for name, kinds in actions}

    def answer(self, name: str, request: Any) -> Any:
        """Response of a service."""
        return call(self._service(name), request, WAIT)

    def result(self, name: str, goal: Any) -> Any:
        """Result of an action, whose goal must be taken."""
        handle = result_of(self._action(name).send_goal_async(goal), WAIT, name)
        assert handle.accepted, "a goal that is not taken has no code"
        return result_of(handle.get_result_async(), WAIT, name).result

    @cache  # noqa: B019 - as long as the graph
    def _service(self, name: str) -> Any:
        client = self._graph.client.create_client(self.services[name], name)
        assert is_found(client, WAIT), name
        return client

    @cache  # noqa: B019 - as long as the graph
    def _action(self, name: str) -> Any:
        client = ThreadedActionClient(self._graph.client, self.actions[name], name)
        assert client.wait_for_server(WAIT), name
        return client


def _type(text: str) -> type[Any]:
    package, folder, name = text.split("/")
    kind: type[Any] = getattr(import_module(f"{package}.{folder}"), name)
    return kind


@pytest.fixture(scope="module")
def callers(lab: Lab) -> Iterator[Callers]:
    """With the arm at the start of a trial."""
    lab.set_up(SEED)
    yield Callers(lab.graph)


@pytest.fixture
def healthy(lab: Lab, log_folder: Path) -> Iterator[None]:
    """All processes and nodes are alive in the end, and none has written a traceback."""
    yield
    lab.stack.check()
    for node in node_names(lab.stack.specs):
        state = lab.graph.call(GetState, f"{node}/get_state", GetState.Request())
        assert state.current_state.id == ACTIVE, f"{node} is {state.current_state.label}"
    for log in log_folder.glob("*.log"):
        words = log.read_text()
        assert "Traceback" not in words, f"{log.name}: {words[words.index('Traceback') :][:3000]}"


def test_everything_is_called(callers: Callers) -> None:
    """The graph offers all that docs/interfaces.md lists: nothing is left out below."""
    services = {kind.__name__ for kind in callers.services.values()}
    assert services == {_stem(f) for f in _interfaces("srv")}
    assert {kind.__name__ for kind in callers.actions.values()} == {
        _stem(f) for f in _interfaces("action")
    }


def _interfaces(kind: str) -> list[Path]:
    root = Path(__file__).parents[2] / "ros2_ws" / "src" / "vjepa2_msgs"
    return list((root / kind).glob(f"*.{kind}"))


def _stem(file: Path) -> str:
    return file.stem


@sizes(1200, 60)
def test_services(cases: int, page: Page, lab: Lab, callers: Callers, healthy: None) -> None:
    """Each answers with a code and a sentence."""
    known = _latent(callers)
    offered = sorted(set(callers.services) - MOVES)
    strategy = st.sampled_from(offered).flatmap(
        lambda name: st.tuples(st.just(name), _requests(name, callers.services[name], known))
    )

    def examine(case: tuple[str, Any]) -> str:
        return _code(callers.answer(*case))

    tally = page.tally("services of all nodes")
    _draw_still(tally, lab.graph, strategy, cases, examine)
    assert tally.refused.total() > cases / 3, "some have no fields, and do no harm"


@sizes(500, 24)
def test_actions(cases: int, page: Page, lab: Lab, callers: Callers, healthy: None) -> None:
    """Each goal is taken, and ends with a code and a sentence."""
    lab.graph.call(*_recovery())
    goal = lab.set_up(SEED)
    strategy = st.sampled_from(sorted(callers.actions)).flatmap(
        lambda name: st.tuples(st.just(name), _goals(callers.actions[name], goal))
    )

    def examine(case: tuple[str, Any]) -> str:
        name, request = case
        if isinstance(request, ExecuteDelta.Goal):
            _stamp(request, lab.graph)
        return _code(callers.result(name, request))

    tally = page.tally("goals of all actions")
    _draw_still(tally, lab.graph, strategy, cases, examine)
    tally.check()


@sizes(500, 24)
def test_parameters(cases: int, page: Page, lab: Lab, callers: Callers, healthy: None) -> None:
    """What lies out of range or is of another kind is refused by name at run time, too."""
    nodes = node_names(lab.stack.specs)
    strategy = st.sampled_from(nodes).flatmap(
        lambda node: st.tuples(st.just(node), st.sampled_from(NODES[node]).flatmap(_bad_value))
    )
    clients = {
        node: lab.graph.client.create_client(SetParameters, f"{node}/set_parameters")
        for node in nodes
    }

    def examine(case: tuple[str, tuple[Parameter, Any]]) -> str:
        node, (parameter, value) = case
        message = RosParameter(parameter.name, value=value).to_parameter_msg()
        answer = call(clients[node], SetParameters.Request(parameters=[message]), WAIT)
        assert not answer.results[0].successful, "was taken"
        assert answer.results[0].reason
        return "reason"

    tally = page.tally("parameters at run time")
    _draw_still(tally, lab.graph, strategy, cases, examine)
    tally.check()


def test_the_watch_sees_motion(lab: Lab, callers: Callers, healthy: None) -> None:
    """The control: a command that is good moves the arm further than `STILL`."""
    lab.graph.call(*_recovery())
    still = Still(lab.graph)
    report = callers.answer(names.HOME, MoveHome.Request()).report
    # Seen from a busy machine an arm that has arrived may tremble on.
    assert report.code.code in (MotionCode.REACHED, MotionCode.NOT_REACHED), report.message
    assert still.moved() > STILL


def _draw_still(
    tally: Tally,
    graph: Graph,
    strategy: st.SearchStrategy[Any],
    cases: int,
    examine: Callable[[Any], str],
) -> None:
    still = Still(graph)
    tally.draw(strategy, cases, examine)
    tally.moved = still.moved()
    assert not tally.crashes, f"{len(tally.crashes)} crashes, first:\n{tally.crashes[0]}"
    assert tally.moved < STILL, f"the arm moved by {tally.moved} m"


def _recovery() -> tuple[Any, str, Any]:
    from vjepa2_msgs.srv import Recover

    return Recover, names.RECOVER, Recover.Request()


def _latent(callers: Callers) -> LatentId:
    """One that is kept."""
    answer = callers.answer(names.ENCODE_VIEW, EncodeView.Request(timeout=10.0))
    assert answer.code.code == 0, answer.message
    latent: LatentId = answer.latent
    return latent


def _code(answer: Any) -> str:
    """Name of an answer's code, or ACCEPTED; a fault has a sentence."""
    report = getattr(answer, "report", answer)
    code = getattr(report, "code", None) or getattr(report, "outcome", None)
    if code is None:
        if not hasattr(answer, "success"):
            return ACCEPTED  # a list
        assert answer.success or answer.message
        return ACCEPTED if answer.success else "success: false"
    value = getattr(code, "code", getattr(code, "outcome", None))
    sentence = getattr(report, "message", "") or getattr(code, "message", "")
    kinds = type(code).__class__
    name = next(n for n in dir(kinds) if n.isupper() and getattr(type(code), n) == value)
    assert name not in UNFORESEEN, f"{name}: {sentence}"
    if name in ("OK", "REACHED", "CLIPPED", "GOAL_MATCHED", "BUDGET_SPENT"):
        return ACCEPTED
    assert sentence, name
    return name


def _requests(name: str, kind: type[Any], known: LatentId) -> st.SearchStrategy[Any]:
    """Requests with something bad in them, where they have anything in them."""
    drawn = messages(kind.Request)
    if kind is Jog:
        return st.builds(_with_delta, drawn, st.sampled_from(TOO_FAR), st.integers(0, 2))
    if kind is SetGripper:
        return st.builds(kind.Request, closedness=st.sampled_from((*NOT_FINITE, -0.1, 1.1, 1e308)))
    if name == names.SET_UP_TRIAL:
        return drawn.filter(lambda r: r.task not in ("reach", "grasp") or r.goal_size > 5000)
    if name == names.CAPTURE_GOAL:
        return drawn.filter(lambda r: not is_name(r.name))
    if name == names.ENCODE_VIEW:
        return st.builds(_with_timeout, drawn, st.sampled_from(BAD_TIMES), _ids(known))
    if name in (names.COMPARE_LATENTS, names.EVALUATE_ACTIONS):
        field = "view" if name == names.COMPARE_LATENTS else "context"
        return st.builds(_with_ids, drawn, st.just(field), _ids(known), _ids(known))
    return drawn


def _ids(known: LatentId) -> st.SearchStrategy[LatentId]:
    later = LatentId(session=known.session, number=2**64 - 1)
    return st.just(known) | st.just(later) | messages(LatentId)


def _with_delta(request: Any, value: float, axis: int) -> Any:
    request.delta[axis] = value
    return request


def _with_timeout(request: Any, timeout: float, goal: LatentId) -> Any:
    request.timeout, request.goal = timeout, goal
    return request


def _with_ids(request: Any, field: str, one: LatentId, other: LatentId) -> Any:
    setattr(request, field, one)
    request.goal = other
    return request


def _goals(kind: type[Any], good: Goal) -> st.SearchStrategy[Any]:
    """Goals with something bad in them."""
    drawn = messages(kind.Goal)
    if kind is ExecuteDelta:
        small = st.lists(st.sampled_from((0.0, 0.005)), min_size=7, max_size=7)
        return (
            st.builds(_with_delta, drawn, st.sampled_from(TOO_FAR), st.integers(0, 2))
            # Good but for frame or start; those drawn above have odd stamps, too.
            | st.builds(kind.Goal, delta=small, has_start=st.just(True)).map(_stamped_now)
        )
    if kind is CalibrateCamera:
        return drawn.filter(lambda g: g.preview or g.moves > 2000)
    if kind is RunTask:
        return drawn | st.builds(_broken, st.just(good), st.sampled_from(BREAKS))
    assert kind is PursueGoal, f"{kind} is not known here: say how its goals can be bad"
    return drawn


def _stamped_now(goal: Any) -> Any:
    goal.header.frame_id = "now"
    return goal


def _stamp(goal: Any, graph: Graph) -> None:
    """The one that asks for it gets a good stamp, sequence and frame; its start is far away."""
    if goal.header.frame_id == "now":
        now = graph.client.get_clock().now()
        goal.header.frame_id, goal.header.stamp = "", now.to_msg()
        goal.sequence = now.nanoseconds


BREAKS: tuple[Callable[[RunTask.Goal], None], ...] = (
    lambda g: setattr(g.goal_images[0], "state", [float("nan")] * 7),
    lambda g: setattr(g.goal_images[0], "name", "a/b"),
    lambda g: setattr(g.goal_images[0].image, "encoding", "16UC1"),
    lambda g: setattr(g.goal_images[0].image, "step", 2**32 - 1),
    lambda g: setattr(g.goal_images[0].image, "height", 0),
    lambda g: setattr(g.goal_images[0].image, "data", []),
    lambda g: setattr(g, "budgets", []),
    lambda g: setattr(g, "budgets", [0]),
    lambda g: setattr(g, "budgets", [2**32 - 1]),
    lambda g: setattr(g, "budgets", [1, 1]),
    lambda g: setattr(g, "task", "cup"),
    lambda g: setattr(g, "goals", ["cup"]),
    lambda g: setattr(g, "goal_images", []),
)


def _broken(good: Goal, spoil: Callable[[RunTask.Goal], None]) -> Any:
    image = type(good.image)(
        **{name: getattr(good.image, name) for name in good.image.get_fields_and_field_types()}
    )
    goal = RunTask.Goal(
        goal_images=[Goal(name=good.name, image=image, has_state=True, state=good.state)],
        budgets=[1],
    )
    spoil(goal)
    return goal


def _bad_value(parameter: Parameter) -> st.SearchStrategy[tuple[Parameter, Any]]:
    """Values of another kind, of another length, or out of range."""
    others: list[Any] = [True, 7, 0.5, "text", ["a"], [1.5], [2], None]
    bad = [value for value in others if type(value) is not type(parameter.default)]
    bad = [
        value
        for value in bad
        if not (isinstance(value, list) and isinstance(parameter.default, list))
    ]
    if parameter.length is not None:
        bad.append([0.0] * (parameter.length + 1))
    if parameter.choices:
        bad += ["", "no choice"]
    if parameter.lower is not None and parameter.upper is not None:
        if isinstance(parameter.default, float):
            bad += [*NOT_FINITE, parameter.lower - 1, parameter.upper * 2 + 1, 1e308]
        elif isinstance(parameter.default, int):
            bad += [int(parameter.lower) - 1, int(parameter.upper) + 1, -(2**63)]
    return st.tuples(st.just(parameter), st.sampled_from(bad))
