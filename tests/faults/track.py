"""Where the arm was, by the time at which the test heard of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tests.ros.conftest import WAIT, Graph
from vjepa2_msgs.msg import EndEffectorState, RobotMode
from vjepa2_msgs.srv import ScoreTrial
from vjepa2_node import names
from vjepa2_node.calls import call
from vjepa2_node.qos import STATES

STILL_M = 0.0005
"""The arm holds where it is this close to where it then stays."""
STILL_S = 1.0
"""How long it has to stay there."""
UNDER_WAY_M = 0.005

Sample = tuple[float, NDArray[np.float64], int]
"""time.monotonic() of its arrival [s], position [3] m, mode."""


class Track(Protocol):
    """Samples from its making on."""

    def samples(self) -> list[Sample]:
        """All so far."""
        ...

    def close(self) -> None:
        """Take no more."""
        ...


class StateTrack:
    """By the bridge's own topic."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._samples: list[Sample] = []
        self._arrived = threading.Condition()
        self._subscription = graph.client.create_subscription(
            EndEffectorState, names.END_EFFECTOR_STATE, self._keep, STATES
        )

    def samples(self) -> list[Sample]:
        with self._arrived:
            return list(self._samples)

    def await_moving(self) -> None:
        """Return once a motion that begins from now on is 5 mm on its way."""
        with self._arrived:
            first = len(self._samples)

            def under_way() -> bool:
                moving = [s for s in self._samples[first:] if s[2] == RobotMode.MOVING]
                return bool(moving) and _distance(moving[-1], moving[0]) > UNDER_WAY_M

            assert self._arrived.wait_for(under_way, WAIT), "the arm does not move"

    def close(self) -> None:
        self._graph.client.destroy_subscription(self._subscription)

    def _keep(self, message: EndEffectorState) -> None:
        with self._arrived:
            position = np.array(message.state[:3])
            self._samples.append((time.monotonic(), position, int(message.mode)))
            self._arrived.notify_all()


class SimulatorTrack:
    """By the simulator, asked again and again: for when the bridge can tell nothing."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._samples: list[Sample] = []
        self._client = graph.client.create_client(ScoreTrial, names.SCORE_TRIAL)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def samples(self) -> list[Sample]:
        return list(self._samples)

    def close(self) -> None:
        self._ended.set()
        self._thread.join(WAIT)
        self._graph.client.destroy_client(self._client)

    def _run(self) -> None:
        while not self._ended.wait(0.02):
            answer: Any = call(self._client, ScoreTrial.Request(), WAIT)
            self._samples.append(
                (time.monotonic(), np.array(answer.position), int(RobotMode.OTHER))
            )


def held_after(track: Track, injected: float, ended: float) -> float:
    """Seconds from `injected` until the arm held; both of time.monotonic().

    It has to stay from `ended` on for STILL_S, which is waited for. AssertionError where it moves.
    """
    _await(lambda: track.samples()[-1][0] > ended + STILL_S)
    samples = track.samples()
    last = samples[-1]
    moved = [i for i, sample in enumerate(samples) if _distance(sample, last) > STILL_M]
    if not moved:
        return 0.0
    held = samples[moved[-1] + 1][0]
    assert held < ended + SLACK_OF_END, f"the arm still moved {held - ended:.2f} s after the end"
    return max(held - injected, 0.0)


SLACK_OF_END = 0.25


def _distance(one: Sample, other: Sample) -> float:
    return float(np.linalg.norm(one[1] - other[1]))


def _await(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, "no states of the arm come any more"
        time.sleep(0.02)
