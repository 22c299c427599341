"""The world model node as its clients see it, and what they do when it is gone."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from numpy.typing import NDArray
from sensor_msgs.msg import Image
from torch import Tensor

from vjepa2_msgs.msg import Goal, WorldModelCode, WorldModelStatus
from vjepa2_node import names, qos
from vjepa2_node.calls import is_found
from vjepa2_node.images import to_message
from vjepa2_node.managed_node import ManagedNode
from vjepa2_planner import Outcome, PursuitFailure, WorldModel, identical, preset
from vjepa2_world_model.access import WorldModelError
from vjepa2_world_model.latents import LatentId
from vjepa2_world_model.open_model import open_model
from vjepa2_world_model.remote_world_model import RemoteWorldModel
from vjepa2_world_model.world_model_node import WorldModelNode

HELLO = 1.0
"""Stamp of what is published until the node has found its publisher [s]."""
STAMP = 1_763_680_123.123456789
"""Of today's size, where seconds as floats are coarse [s]."""


def picture(seed: int) -> NDArray[np.uint8]:
    """A picture of noise [48,48,3]."""
    return np.random.default_rng(seed).integers(0, 256, (48, 48, 3), dtype=np.uint8)


def goal_of(image: NDArray[np.uint8]) -> Goal:
    """A goal that is an image, and a state for the model `simulator`."""
    return Goal(
        name="cup", image=to_message(image, 1.0, "camera"), has_state=True, state=[0.5] * 7
    )


def add_client(graph: Any, timeout: float = 25.0, **options: Any) -> RemoteWorldModel:
    """A client on a node of its own, as a planner would be."""
    node = graph.add(lambda **ros: ManagedNode("planner", (), **ros), active=False)
    return RemoteWorldModel(node, timeout, **options)


def show_until_seen(graph: Any, remote: RemoteWorldModel, image: Any, stamp: float) -> Any:
    """Publish an image until a view of it comes back."""
    publisher = graph.client.create_publisher(Image, names.IMAGE, qos.IMAGES)
    for _ in range(100):
        publisher.publish(to_message(image, stamp, "camera"))
        try:
            return remote.view(None, stamp - 0.5, 0.2)
        except WorldModelError as error:
            assert error.code == WorldModelCode.NO_IMAGE, error
    raise AssertionError("the node never saw the image")


def test_agrees_with_the_service_bit_for_bit(graph: Any) -> None:
    """Views, distances and energies through messages are those of the object itself."""
    direct = graph.add(WorldModelNode).service
    remote = add_client(graph)
    show_until_seen(graph, remote, picture(0), HELLO)
    show_until_seen(graph, remote, picture(2), STAMP)
    goal = remote.encode_goal(goal_of(picture(1)))
    seen, own = remote.view(goal, HELLO, 5.0), direct.view(goal, HELLO, 5.0)
    assert (seen.stamp, seen.energy) == (own.stamp, own.energy)
    assert seen.stamp == STAMP
    assert seen.encoding_seconds > 0
    assert remote.distance(seen.latent, goal) == direct.distance(own.latent, goal) == own.energy
    generator = torch.Generator().manual_seed(0)
    for candidates, horizon in ((1, 1), (48, 1), (20, 3)):
        states = torch.randn(1, 7, generator=generator)
        actions = 0.1 * torch.randn(candidates, horizon, 7, generator=generator)
        energies = remote.energies(seen.latent, states, goal, actions)
        assert energies.dtype == torch.float32
        assert torch.equal(energies, direct.energies(own.latent, states, goal, actions))
        arguments = (states, goal, actions)
        answers = zip(
            remote.energies_with_gradients(seen.latent, *arguments),
            direct.energies_with_gradients(own.latent, *arguments),
            strict=True,
        )
        assert all(torch.equal(one, other) for one, other in answers)


@pytest.mark.parametrize("name", ["demo_sim", "fast"])
def test_plans_agree_bit_for_bit(graph: Any, name: str) -> None:
    """A planner finds the same plan through either, from the same seed, gradients included."""
    direct = graph.add(WorldModelNode).service
    remote = add_client(graph)
    view = show_until_seen(graph, remote, picture(2), STAMP)
    goal = remote.encode_goal(goal_of(picture(1)))
    states = torch.tensor([[0.4, 0.0, 0.3, math.pi, 0.0, 0.0, 0.0]])
    planner = preset(name).planner()
    plans = [planner.plan(x, view.latent, states, goal, seed=7) for x in (remote, direct)]
    assert identical(*plans)


class OnlyEnergies:
    """A world model that gives no gradients."""

    def __init__(self, model: WorldModel[Tensor]) -> None:
        self.device, self.encode = model.device, model.encode
        self.energies, self.distance = model.energies, model.distance


def test_a_model_without_gradients_says_what_to_choose(graph: Any) -> None:
    """The refusal arrives with its words."""
    direct = graph.add(WorldModelNode, model="simulator").service
    opened = open_model("simulator")
    direct.load(replace(opened, model=OnlyEnergies(opened.model)), capacity=4)
    remote = add_client(graph)
    goal = remote.encode_goal(goal_of(picture(1)))
    for access in (direct, remote):
        with pytest.raises(WorldModelError, match=r"gives no gradients.*cem") as error:
            access.energies_with_gradients(goal, torch.zeros(1, 7), goal, torch.zeros(1, 1, 7))
        assert error.value.code == WorldModelCode.BAD_REQUEST


def test_failures_keep_their_code_and_words(graph: Any) -> None:
    """And end a pursuit: a silent camera is told from a lost world model."""
    direct = graph.add(WorldModelNode, model="simulator").service
    remote = add_client(graph)
    goal = remote.encode_goal(goal_of(picture(1)))
    unknown = LatentId(goal.session, 99)
    states, actions = torch.zeros(1, 7), torch.full((3, 1, 7), math.nan)
    for call, code, outcome in (
        (lambda x: x.view(goal, 5.0, 0.1), WorldModelCode.NO_IMAGE, Outcome.CAMERA_SILENT),
        (lambda x: x.view(goal, -math.inf, 0.1), WorldModelCode.NO_IMAGE, Outcome.CAMERA_SILENT),
        (lambda x: x.encode_goal(Goal()), WorldModelCode.BAD_IMAGE, Outcome.WORLD_MODEL_LOST),
        (
            lambda x: x.distance(unknown, goal),
            WorldModelCode.UNKNOWN_LATENT,
            Outcome.WORLD_MODEL_LOST,
        ),
        (
            lambda x: x.energies(goal, states, goal, actions),
            WorldModelCode.BAD_REQUEST,
            Outcome.WORLD_MODEL_LOST,
        ),
    ):
        errors = []
        for access in (remote, direct):
            with pytest.raises(WorldModelError) as caught:
                call(access)
            errors.append(caught.value)
        assert [error.code for error in errors] == [code, code]
        assert [error.outcome for error in errors] == [outcome, outcome]
        assert str(errors[0]) == str(errors[1])


def test_a_view_may_wait_longer_than_an_answer(graph: Any) -> None:
    """The time-out of the image comes on top of the one for the answer."""
    graph.add(WorldModelNode)
    show_until_seen(graph, add_client(graph), picture(0), HELLO)
    with pytest.raises(WorldModelError) as caught:
        add_client(graph, timeout=0.5).view(None, HELLO, 1.0)
    assert caught.value.code == WorldModelCode.NO_IMAGE


def test_a_node_that_is_not_there(graph: Any) -> None:
    """Its absence shows after the heartbeat's time-out rather than after the answer's."""
    remote = add_client(graph, heartbeat_timeout=0.5)
    started = time.monotonic()
    with pytest.raises(PursuitFailure, match=r"lost: .* no sign of life for 0\.5 s") as caught:
        remote.encode_goal(Goal())
    assert time.monotonic() - started < 10.0
    assert (caught.value.outcome, caught.value.code) == (Outcome.WORLD_MODEL_LOST, None)


def test_interruption_is_a_cancellation(graph: Any) -> None:
    """A call that waits ends soon after it is no longer wanted."""
    graph.add(WorldModelNode, model="simulator")
    interrupted = threading.Event()
    remote = add_client(graph, interrupted=interrupted.is_set)
    remote.encode_goal(goal_of(picture(1)))
    threading.Timer(0.2, interrupted.set).start()
    started = time.monotonic()
    with pytest.raises(PursuitFailure) as caught:
        remote.view(None, STAMP, 29.0)
    assert caught.value.outcome is Outcome.CANCELLED
    assert time.monotonic() - started < 10.0


def test_a_closed_client_is_gone(graph: Any) -> None:
    """Nothing of it is left on its node."""
    node = graph.add(lambda **ros: ManagedNode("planner", (), **ros), active=False)
    before = len(list(node.clients)), len(list(node.subscriptions))
    remote = RemoteWorldModel(node, 1.0)
    assert len(list(node.clients)) == before[0] + 4
    remote.close()
    assert (len(list(node.clients)), len(list(node.subscriptions))) == before


@pytest.fixture
def process(graph: Any) -> Iterator[subprocess.Popen[bytes]]:
    """An active world model node in a process of its own."""
    arguments = ["--ros-args", "-p", "model:=simulator"]
    process = subprocess.Popen(
        [sys.executable, "-m", "vjepa2_world_model.world_model_node", *arguments],
        env=os.environ,
    )
    try:
        starting = graph.client.create_client(ChangeState, "world_model/change_state")
        assert is_found(starting, 90.0)
        for transition in (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE):
            graph.change("world_model", transition)
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_killed_node_is_noticed_while_a_call_waits(
    graph: Any, process: subprocess.Popen[bytes]
) -> None:
    """The pursuit ends within the heartbeat's time-out, long before the call's."""
    inbox = graph.collect(WorldModelStatus, names.WORLD_MODEL_STATUS, qos.EVENTS)
    remote = add_client(graph, heartbeat_timeout=3.0)
    goal = remote.encode_goal(goal_of(picture(1)))
    failures: list[tuple[PursuitFailure, float]] = []

    def look() -> None:
        try:
            remote.view(goal, STAMP, 29.0)
        except PursuitFailure as failure:
            failures.append((failure, time.monotonic()))

    looking = threading.Thread(target=look)
    looking.start()
    inbox.next(4)  # longer than the heartbeat's time-out: it keeps the call waiting
    assert looking.is_alive()
    killed = time.monotonic()
    process.send_signal(signal.SIGKILL)
    looking.join(timeout=30.0)
    ((failure, ended),) = failures
    assert failure.outcome is Outcome.WORLD_MODEL_LOST
    assert "no sign of life for 3 s" in str(failure)
    assert ended - killed < 15.0
