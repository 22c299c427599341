"""What camera and arm send: the newest of each, and how fast images come."""

from __future__ import annotations

import threading
import time
from collections import deque

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image

from vjepa2_msgs.msg import EndEffectorState, RobotMode
from vjepa2_node import names
from vjepa2_node.images import to_array
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.qos import IMAGES, LATCHED, STATES
from vjepa2_node.stamps import now_seconds, to_seconds
from vjepa2_planner.preflight import ArmReadiness, LiveView
from vjepa2_planning.interruption import Interruption
from vjepa2_robot.arm_driver import RobotMode as Mode
from vjepa2_robot.state_history import StateHistory, StateHistoryError

RATE_SAMPLES = 10
RATE_SPAN = 3.0  # s


class LiveInputs:
    """Subscribes to the topics of camera and robot bridge; to be read from any thread."""

    def __init__(self, node: ManagedNode) -> None:
        self._node = node
        self._news = threading.Condition()
        self._states = threading.Condition()
        self._image: Image | None = None
        self._arrivals: deque[float] = deque(maxlen=RATE_SAMPLES)
        self._mode: RobotMode | None = None
        self._state: EndEffectorState | None = None
        self._history = StateHistory()
        group = node.quick
        self._subscriptions = [
            node.create_subscription(
                Image, names.IMAGE, self._on_image, IMAGES, callback_group=group
            ),
            node.create_subscription(
                RobotMode, names.ROBOT_MODE, self._on_mode, LATCHED, callback_group=group
            ),
            node.create_subscription(
                EndEffectorState,
                names.END_EFFECTOR_STATE,
                self._on_state,
                STATES,
                callback_group=group,
            ),
        ]

    @property
    def image(self) -> Image | None:
        """The newest."""
        return self._image

    def view(self) -> LiveView | None:
        """The newest image, with the age of its capture. Raises ImageError."""
        image = self._image
        if image is None:
            return None
        return LiveView(to_array(image), self._age(to_seconds(image.header.stamp)), self._rate())

    def arm(self) -> ArmReadiness:
        """What the arm last said: not IDLE as soon as its mode or its state says so."""
        mode, state = self._mode, self._state
        age = None if state is None else self._age(to_seconds(state.header.stamp))
        if mode is None:
            return ArmReadiness(None, "", age)
        said = [mode.mode] if state is None else [mode.mode, state.mode]
        worst = next((code for code in said if code != RobotMode.IDLE), RobotMode.IDLE)
        return ArmReadiness(_name(worst), mode.message, age)

    def state_at(self, stamp: float, timeout: float) -> NDArray[np.float64] | None:
        """The arm's state [7] at a stamp [s, ROS clock], None where it does not become known."""
        state: NDArray[np.float64] | None = None

        def found() -> bool:
            nonlocal state
            try:
                state = self._history.at(stamp)
            except StateHistoryError:
                return False
            return True

        with self._states:
            self._states.wait_for(found, timeout)
        return state

    def await_news(self, timeout: float, interruption: Interruption) -> None:
        """Return with the next image or mode, on `wake`, or after `timeout` seconds.

        Returns at once where the interruption has happened, so that its `wake` is never missed.
        """
        with self._news:
            if not interruption.happened:
                self._news.wait(timeout)

    def wake(self) -> None:
        """Let `await_news` return."""
        with self._news:
            self._news.notify_all()

    def close(self) -> None:
        """Release the subscriptions."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _on_image(self, message: Image) -> None:
        with self._news:
            self._image = message
            self._arrivals.append(time.monotonic())
            self._news.notify_all()

    def _on_mode(self, message: RobotMode) -> None:
        with self._news:
            self._mode = message
            self._news.notify_all()

    def _on_state(self, message: EndEffectorState) -> None:
        try:
            self._history.add(to_seconds(message.header.stamp), message.state)
        except ValueError as error:
            self._node.get_logger().warning(str(error), throttle_duration_sec=5.0)
            return
        with self._states:
            self._state = message
            self._states.notify_all()

    def _age(self, stamp: float) -> float:
        return now_seconds(self._node.get_clock()) - stamp

    def _rate(self) -> float:
        with self._news:
            arrivals = [at for at in self._arrivals if at > self._arrivals[-1] - RATE_SPAN]
        if len(arrivals) < 2 or arrivals[-1] == arrivals[0]:
            return 0.0
        return (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])


def _name(mode: int) -> str:
    return Mode(mode).name if mode in list(Mode) else f"in mode {mode}"
