"""The world model node: its services, its status, and what it refuses."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from lifecycle_msgs.msg import Transition
from numpy.typing import NDArray
from sensor_msgs.msg import Image
from torch import Tensor

from vjepa2_msgs.msg import EndEffectorState, Goal, LatentId, WorldModelCode, WorldModelStatus
from vjepa2_msgs.srv import CompareLatents, EncodeGoal, EncodeView, EvaluateActions
from vjepa2_node import names, qos
from vjepa2_node.calls import is_found
from vjepa2_node.images import to_message
from vjepa2_node.parameters import ParameterError
from vjepa2_node.stamps import to_seconds, to_time
from vjepa2_world_model.access import WorldModelError
from vjepa2_world_model.open_model import OpenedModel, open_model
from vjepa2_world_model.views import StateViews
from vjepa2_world_model.world_model_node import WorldModelNode
from vjepa2_world_model.world_model_service import WorldModelService

HELLO = 1.0
"""Stamp of what is published until the node has found its publisher [s]."""
SERVICES = {
    names.ENCODE_GOAL: EncodeGoal,
    names.ENCODE_VIEW: EncodeView,
    names.COMPARE_LATENTS: CompareLatents,
    names.EVALUATE_ACTIONS: EvaluateActions,
}


def picture(seed: int, size: int = 48) -> NDArray[np.uint8]:
    """A picture of noise [size,size,3]."""
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)


def image_goal(image: NDArray[np.uint8]) -> Goal:
    """A goal that is an image."""
    return Goal(name="cup", image=to_message(image, 1.0, "camera"))


def state_goal(*state: float) -> Goal:
    """A goal that is a state [7]."""
    return Goal(name="cup", has_state=True, state=state)


def state_at(stamp: float, *state: float) -> EndEffectorState:
    """A state [7] measured at `stamp`."""
    message = EndEffectorState(state=state)
    message.header.stamp = to_time(stamp)
    return message


class Client:
    """A client of the node, and the camera or arm before it."""

    def __init__(self, graph: Any, kind: Any = Image) -> None:
        self.graph = graph
        self.message = image_at if kind is Image else state_at
        topic, quality = (
            (names.IMAGE, qos.IMAGES) if kind is Image else (names.END_EFFECTOR_STATE, qos.STATES)
        )
        self._publisher = graph.client.create_publisher(kind, topic, quality)

    def ask(self, name: str, **fields: Any) -> Any:
        """The response of one of the services."""
        return self.graph.call(SERVICES[name], name, SERVICES[name].Request(**fields))

    def goal(self, goal: Goal) -> LatentId:
        """Latent of a goal."""
        answer = self.ask(names.ENCODE_GOAL, goal=goal)
        assert answer.code.code == WorldModelCode.OK, answer.message
        return answer.latent

    def view(self, after: float, timeout: float = 20.0, goal: LatentId | None = None) -> Any:
        """Response of encode_view."""
        return self.ask(
            names.ENCODE_VIEW, after=to_time(after), timeout=timeout, goal=goal or LatentId()
        )

    def show(self, message: Any) -> None:
        """Publish a view."""
        self._publisher.publish(message)

    def greet(self, message: Any) -> Any:
        """Publish a view until the node has seen it; its response."""
        stamp = to_seconds(message.header.stamp)
        for _ in range(100):
            self.show(message)
            answer = self.view(after=stamp - 0.5, timeout=0.2)
            if answer.code.code != WorldModelCode.NO_IMAGE:
                return answer
        raise AssertionError("the node never saw a view")


def image_at(stamp: float, image: NDArray[np.uint8]) -> Image:
    """An image captured at `stamp`."""
    return to_message(image, stamp, "camera")


@pytest.fixture
def client(graph: Any) -> Client:
    """A client of an active node with the bundled model, which has seen a view of 48 px."""
    graph.add(WorldModelNode)
    client = Client(graph)
    assert client.greet(image_at(HELLO, picture(0))).code.code == WorldModelCode.OK
    return client


def later(work: Callable[[], Any]) -> Callable[[], Any]:
    """Start `work` on a thread; calling what is returned awaits its result."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()

    def result() -> Any:
        thread.join(timeout=30.0)
        return results[0]

    return result


def test_answers_as_the_bundled_model_does(client: Client) -> None:
    """Encode, view, compare and evaluate give the model's own numbers, bit for bit."""
    model = open_model("bundled").model
    goal_features = model.encode(picture(1)[None])
    view_features = model.encode(picture(2)[None])
    goal = client.goal(image_goal(picture(1)))
    client.show(image_at(12.345678901, picture(2)))
    view = client.view(after=HELLO, goal=goal)
    assert (view.code.code, view.message) == (WorldModelCode.OK, "")
    assert view.stamp == to_time(12.345678901)
    assert view.energy == model.distance(view_features, goal_features)
    assert view.encoding_seconds > 0 and view.waiting_seconds >= 0

    compared = client.ask(names.COMPARE_LATENTS, view=view.latent, goal=goal)
    assert compared.energy == view.energy

    states, actions = torch.rand(1, 7), 0.05 * torch.randn(5, 2, 7)
    evaluated = client.ask(
        names.EVALUATE_ACTIONS,
        context=view.latent,
        states=states.flatten().tolist(),
        goal=goal,
        horizon=2,
        actions=actions.flatten().tolist(),
    )
    expected = model.energies(view_features, states, goal_features, actions)
    assert evaluated.code.code == WorldModelCode.OK, evaluated.message
    assert torch.equal(torch.tensor(evaluated.energies), expected)


def test_answers_as_the_simulator_model_does(graph: Any) -> None:
    """States take the place of images; the energy is the distance in metres."""
    graph.add(WorldModelNode, model="simulator")
    client = Client(graph, EndEffectorState)
    client.greet(state_at(HELLO, *np.zeros(7)))
    goal = client.goal(state_goal(0.5, 0.0, 0.4, 0.0, 0.0, 0.0, 0.0))
    client.show(state_at(12.5, 0.5, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0))
    view = client.view(after=HELLO, goal=goal)
    assert view.stamp == to_time(12.5)
    assert view.energy == pytest.approx(0.5)
    model = open_model("simulator").model
    states, actions = torch.tensor([[0.5, 0.3, 0, 0, 0, 0, 0]]), 0.05 * torch.randn(9, 1, 7)
    evaluated = client.ask(
        names.EVALUATE_ACTIONS,
        context=view.latent,
        states=states.flatten().tolist(),
        goal=goal,
        horizon=1,
        actions=actions.flatten().tolist(),
    )
    target = torch.tensor([[0.5, 0, 0.4, 0, 0, 0, 0]])
    expected = model.energies(states, states, target, actions)
    assert torch.equal(torch.tensor(evaluated.energies), expected)


def test_a_view_waits_for_a_late_enough_capture(client: Client) -> None:
    """What was captured before `after` is never used, though it arrives later; others go on."""
    waiting = later(lambda: client.view(after=20.0))
    client.show(image_at(19.0, picture(1)))
    early = client.view(after=18.0)  # so that one has arrived
    assert early.stamp == to_time(19.0)
    client.show(image_at(20.0, picture(2)))
    assert client.view(after=19.5).stamp == to_time(20.0)
    assert client.ask(names.COMPARE_LATENTS, view=early.latent, goal=early.latent).energy == 0.0
    client.show(image_at(20.5, picture(3)))
    late = waiting()
    assert late.stamp == to_time(20.5)
    assert late.waiting_seconds > 0


def test_many_waiting_views_hold_up_nothing(client: Client) -> None:
    """Seven views wait for the same image, an eighth call is answered meanwhile."""
    goal = client.goal(image_goal(picture(1)))
    waiting = [later(lambda: client.view(after=50.0)) for _ in range(7)]
    assert client.ask(names.COMPARE_LATENTS, view=goal, goal=goal).energy == 0.0
    client.show(image_at(51.0, picture(1)))
    assert [view().stamp for view in waiting] == [to_time(51.0)] * 7


def test_views_that_never_come(graph: Any) -> None:
    """NO_IMAGE says what was missing: any view, or a late enough one."""
    graph.add(WorldModelNode)
    client = Client(graph)
    none = client.view(after=0.0, timeout=0.1)
    assert none.code.code == WorldModelCode.NO_IMAGE
    assert f"nothing came on {names.IMAGE} within 0.1 s" in none.message
    client.greet(image_at(HELLO, picture(0)))
    stale = client.view(after=3.5, timeout=0.1)
    assert stale.code.code == WorldModelCode.NO_IMAGE
    assert "the newest was captured 2.500 s before that" in stale.message


def test_a_view_without_a_stamp_is_never_used() -> None:
    """Nobody knows when it was captured, so it is late enough for nobody."""
    service = WorldModelService(clock=lambda: 2.0)
    service.load(open_model("simulator"), 16)
    service.start()
    service.show(state_at(0.0, *[0.0] * 7), 0.0)
    with pytest.raises(WorldModelError, match=r"captured 0\.000 s before") as caught:
        service.view(None, -math.inf, 0.1)
    assert caught.value.code == WorldModelCode.NO_IMAGE
    service.show(state_at(1.0, *[0.0] * 7), 1.0)
    assert service.view(None, -math.inf, 0.1).stamp == 1.0
    assert service.status().latency == 1.0


def wrong(**fields: Any) -> Image:
    """An image message with something wrong in it."""
    message = image_at(30.0, picture(1))
    for name, value in fields.items():
        setattr(message, name, value)
    return message


@pytest.mark.parametrize(
    ("image", "fault"),
    [
        (wrong(encoding="bayer_rggb8"), "bayer_rggb8"),
        (wrong(data=[0] * 100), "100 came"),
        (wrong(height=0, data=[]), "empty"),
        (wrong(step=5), "step is 5"),
    ],
    ids=["encoding", "short", "empty", "step"],
)
def test_bad_images(client: Client, image: Image, fault: str) -> None:
    """A bad goal or view is BAD_IMAGE with its fault; the node serves the next one."""
    goal = client.ask(names.ENCODE_GOAL, goal=Goal(name="cup", image=image))
    assert goal.code.code == WorldModelCode.BAD_IMAGE
    assert "goal 'cup'" in goal.message and fault in goal.message
    client.show(image)
    view = client.view(after=20.0)
    assert view.code.code == WorldModelCode.BAD_IMAGE
    assert "the live view" in view.message and fault in view.message
    client.show(image_at(31.0, picture(1)))
    assert client.view(after=30.0).code.code == WorldModelCode.OK


@pytest.mark.parametrize("level", [0, 130, 255])
def test_a_picture_of_one_brightness_is_no_view(client: Client, level: int) -> None:
    """Covered, or blinded: BAD_IMAGE, and the node serves the next one."""
    blank = np.full((48, 48, 3), level, np.uint8)
    blank[:8] -= min(level, 5)
    client.show(image_at(30.0, blank))
    view = client.view(after=20.0)
    assert view.code.code == WorldModelCode.BAD_IMAGE
    assert "is the lens covered" in view.message
    client.show(image_at(31.0, picture(1)))
    assert client.view(after=30.0).code.code == WorldModelCode.OK


def test_a_goal_without_state_for_the_simulator_model(graph: Any) -> None:
    """The sentence says what it lacks; a state that is not finite is refused too."""
    graph.add(WorldModelNode, model="simulator")
    client = Client(graph, EndEffectorState)
    lacking = client.ask(names.ENCODE_GOAL, goal=image_goal(picture(1)))
    assert lacking.code.code == WorldModelCode.BAD_IMAGE
    assert "goal 'cup' has no state" in lacking.message
    endless = client.ask(names.ENCODE_GOAL, goal=state_goal(math.nan, 0, 0, 0, 0, 0, 0))
    assert endless.code.code == WorldModelCode.BAD_IMAGE
    assert "not finite" in endless.message


def test_goal_and_view_of_different_sizes(client: Client) -> None:
    """Both sizes are named, whichever of the two came first."""
    goal = client.goal(image_goal(picture(1)))
    client.show(image_at(40.0, picture(2, size=64)))
    view = client.view(after=39.0, goal=goal)
    assert view.code.code == WorldModelCode.SIZE_MISMATCH
    assert "the goal is 48 x 48 px but the live view is 64 x 64 px" in view.message
    again = client.ask(names.ENCODE_GOAL, goal=image_goal(picture(1)))
    assert (again.code.code, again.message) == (view.code.code, view.message)
    assert client.view(after=39.0).code.code == WorldModelCode.OK


def test_unknown_latents(graph: Any) -> None:
    """Ids never given out, evicted or of an earlier session are told apart."""
    graph.add(WorldModelNode, model="simulator", latents=16)
    client = Client(graph, EndEffectorState)
    ids = [client.goal(state_goal(*[float(i)] * 7)) for i in range(17)]

    def fault(latent: LatentId) -> str:
        calls = [
            client.ask(names.COMPARE_LATENTS, view=latent, goal=ids[-1]),
            client.ask(names.COMPARE_LATENTS, view=ids[-1], goal=latent),
            client.view(after=0.0, goal=latent),
            client.ask(
                names.EVALUATE_ACTIONS,
                context=latent,
                goal=ids[-1],
                horizon=1,
                states=[0.0] * 7,
                actions=[0.0] * 7,
            ),
        ]
        assert {call.code.code for call in calls} == {WorldModelCode.UNKNOWN_LATENT}
        assert len({call.message for call in calls}) == 1
        return str(calls[0].message)

    assert "16 others were used since" in fault(ids[0])
    assert "was never given out" in fault(LatentId(session=ids[0].session, number=99))
    for transition in ("DEACTIVATE", "CLEANUP", "CONFIGURE", "ACTIVATE"):
        graph.change("world_model", getattr(Transition, f"TRANSITION_{transition}"))
    old, ids = ids[-1], [client.goal(state_goal(*[0.0] * 7))]
    assert "earlier session" in fault(old)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"horizon": 0}, "horizon must be at least 1"),
        ({"states": [0.0] * 8}, "states must be T * 7 numbers, not 8"),
        ({"states": [0.0] * 14}, "states must be [1, 7] for this context, not [2, 7]"),
        ({"states": []}, "states must be [1, 7]"),
        ({"states": [math.nan] * 7}, "states are not finite"),
        ({"horizon": 2, "actions": [0.0] * 21}, "21 are no multiple of 2 * 7"),
        ({"actions": []}, "not empty"),
        ({"actions": [0.0] * 20 + [math.inf]}, "not finite in 1 candidates, first in 2"),
        ({"actions": [0.0] * 1_000_006}, "more than 1000000: send them in parts"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_bad_candidates(graph: Any, change: dict[str, Any], fault: str) -> None:
    """Lengths that do not fit, too much, and what is not finite are BAD_REQUEST."""
    graph.add(WorldModelNode, model="simulator")
    client = Client(graph, EndEffectorState)
    goal = client.goal(state_goal(*[0.0] * 7))
    fields = {"horizon": 1, "states": [0.0] * 7, "actions": [0.0] * 21} | change
    answer = client.ask(names.EVALUATE_ACTIONS, context=goal, goal=goal, **fields)
    assert answer.code.code == WorldModelCode.BAD_REQUEST
    assert fault in answer.message
    assert len(answer.energies) == 0


@pytest.mark.parametrize("timeout", [math.nan, -1.0, 30.5, math.inf])
def test_bad_timeouts(client: Client, timeout: float) -> None:
    """A view is not waited for endlessly, nor for less than no time."""
    answer = client.view(after=0.0, timeout=timeout)
    assert answer.code.code == WorldModelCode.BAD_REQUEST
    assert "timeout" in answer.message


class BrokenModel:
    """A model whose second candidate is not finite, and which cannot compare."""

    device = torch.device("cpu")

    def encode(self, frames: NDArray[Any], /) -> Tensor:
        return torch.zeros(1, 7)

    def energies(self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor) -> Tensor:
        return torch.tensor([0.5, math.nan, -math.inf, 0.25])[: len(actions)]

    def distance(self, latent: Tensor, goal: Tensor, /) -> float:
        raise RuntimeError("out of memory")


def test_a_model_that_fails(graph: Any) -> None:
    """Energies that are not finite are +inf, an exception is FAILED with its words."""
    node = graph.add(WorldModelNode, model="simulator")
    node.service.load(OpenedModel("broken", BrokenModel(), StateViews()), 16)
    client = Client(graph, EndEffectorState)
    goal = client.goal(state_goal(*[0.0] * 7))
    answer = client.ask(
        names.EVALUATE_ACTIONS,
        context=goal,
        goal=goal,
        horizon=1,
        states=[0.0] * 7,
        actions=[0.0] * 28,
    )
    assert answer.energies.tolist() == [0.5, math.inf, math.inf, 0.25]
    failed = client.ask(names.COMPARE_LATENTS, view=goal, goal=goal)
    assert failed.code.code == WorldModelCode.FAILED
    assert "RuntimeError: out of memory" in failed.message


def test_refuses_all_calls_until_active(graph: Any) -> None:
    """Unconfigured, inactive and deactivated nodes answer INACTIVE, and say what to do."""
    node = graph.add(WorldModelNode, active=False, model="simulator")
    client = Client(graph, EndEffectorState)

    def refused() -> None:
        for name in SERVICES:
            fields = {"horizon": 1} if name == names.EVALUATE_ACTIONS else {}
            answer = client.ask(name, **fields)
            assert answer.code.code == WorldModelCode.INACTIVE, (name, answer.message)
            assert "activate" in answer.message

    refused()
    graph.change("world_model", Transition.TRANSITION_CONFIGURE)
    refused()
    graph.change("world_model", Transition.TRANSITION_ACTIVATE)
    goal = client.goal(state_goal(*[0.0] * 7))
    graph.change("world_model", Transition.TRANSITION_DEACTIVATE)
    refused()
    graph.change("world_model", Transition.TRANSITION_ACTIVATE)
    assert client.ask(names.COMPARE_LATENTS, view=goal, goal=goal).energy == 0.0
    assert node.is_active


def test_deactivation_ends_waiting_views(client: Client) -> None:
    """A view that waits is refused at once rather than at its time-out."""
    waiting = later(lambda: client.view(after=1000.0, timeout=29.0))
    # By the time that this one is answered, the one above waits.
    client.view(after=1000.0, timeout=0.1)
    started = time.monotonic()
    client.graph.change("world_model", Transition.TRANSITION_DEACTIVATE)
    assert waiting().code.code == WorldModelCode.INACTIVE
    assert time.monotonic() - started < 10.0


def test_closing_does_not_wait_for_waiting_views(graph: Any) -> None:
    """The node's threads end with it."""
    node = graph.add(WorldModelNode, model="simulator")
    pending = graph.client.create_client(EncodeView, names.ENCODE_VIEW)
    assert is_found(pending, 20.0)
    pending.call_async(EncodeView.Request(after=to_time(1000.0), timeout=29.0))
    Client(graph).view(after=1000.0, timeout=0.1)
    started = time.monotonic()
    node.close()
    assert time.monotonic() - started < 10.0


def test_status_tells_of_the_last_view(graph: Any) -> None:
    """It is published once a second, and after each view with its energy and latency."""
    node = graph.add(WorldModelNode, active=False)
    inbox = graph.collect(WorldModelStatus, names.WORLD_MODEL_STATUS, qos.EVENTS)
    unconfigured = inbox.until()
    assert (unconfigured.model, unconfigured.goal.session) == ("", 0)
    for transition in (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE):
        graph.change("world_model", transition)
    before = inbox.until(lambda status: status.model == "bundled")
    assert before.device == str(open_model("bundled").model.device)
    assert before.goal.number == 0 and before.goal.session != 0
    assert math.isnan(before.energy) and math.isnan(before.latency_p50)

    client = Client(graph)
    client.greet(image_at(HELLO, picture(0)))
    goal = client.goal(image_goal(picture(1)))
    now = node.get_clock().now().nanoseconds / 1e9
    client.show(image_at(now, picture(2)))
    view = client.view(after=HELLO, goal=goal)
    status = inbox.until(lambda status: status.header.stamp == view.stamp)
    assert status.goal == goal
    assert status.energy == view.energy
    assert status.encoding_seconds == view.encoding_seconds
    assert 0 < status.latency < 30.0
    assert status.latency_p50 <= status.latency_p99
    first, second = inbox.next(2)
    assert first == second == status


def test_a_bad_checkpoint_is_refused(graph: Any, tmp_path: Any) -> None:
    """The node stays unconfigured, and can be configured once the parameter is right."""
    checkpoint = tmp_path / "bad.safetensors"
    checkpoint.write_bytes(b"no tensors")
    for path in (str(checkpoint), str(tmp_path / "missing.pt")):
        with pytest.raises((ValueError, FileNotFoundError), match=path.rpartition("/")[2]):
            open_model(path)
    node = graph.add(WorldModelNode, active=False, model=str(checkpoint))
    graph.change("world_model", Transition.TRANSITION_CONFIGURE, expected=False)
    assert not node.is_configured


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("device", "gpu", "device must be auto, cpu, cuda or cuda:<number>, not 'gpu'"),
        ("dtype", "float64", "dtype must be one of auto, float32, bfloat16, not 'float64'"),
        ("latents", 15, "latents must lie within 16 to 100000, not 15"),
    ],
)
def test_bad_parameters(graph: Any, name: str, value: Any, fault: str) -> None:
    """The sentence names the parameter."""
    with pytest.raises(ParameterError, match=fault):
        graph.add(WorldModelNode, active=False, **{name: value})


@pytest.mark.skipif(torch.cuda.device_count() > 98, reason="has that device")
def test_a_missing_device_is_refused() -> None:
    """The sentence says what there is."""
    with pytest.raises(ValueError, match=r"device cuda:99 is not there: torch sees \d+"):
        open_model("bundled", device="cuda:99")


def test_needs_no_simulation() -> None:
    """A host that serves a checkpoint has neither MuJoCo nor an arm's driver."""
    code = (
        "import sys, vjepa2_world_model.world_model_node as _; "
        "sys.exit(str([m for m in ('vjepa2_sim', 'mujoco', 'franky') if m in sys.modules]))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stderr.strip() == "[]"
