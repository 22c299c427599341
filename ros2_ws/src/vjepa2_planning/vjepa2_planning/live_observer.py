"""Looking through the world model node: a live view, with the arm's state at its capture."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vjepa2_msgs.msg import EndEffectorState
from vjepa2_node.stamps import to_seconds
from vjepa2_planner import Outcome, PursuitFailure, View
from vjepa2_robot.state_history import StateHistory, StateHistoryError
from vjepa2_world_model.access import WorldModelAccess
from vjepa2_world_model.latents import LatentId


class ArmStates:
    """States of the arm as they arrive, interpolated at a stamp in ROS seconds."""

    def __init__(self) -> None:
        self._history = StateHistory()
        self._arrived = threading.Condition()

    def keep(self, message: EndEffectorState) -> None:
        """Remember a state; one that is not finite is no state."""
        state = np.array(message.state)
        if not np.isfinite(state).all():
            return
        with self._arrived:
            self._history.add(to_seconds(message.header.stamp), state)
            self._arrived.notify_all()

    def at(self, stamp: float, timeout: float) -> NDArray[np.float64]:
        """The state [7] at `stamp`; PursuitFailure ARM_SILENT where none can be told in time."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while True:
                try:
                    return self._history.at(stamp)
                except StateHistoryError as unknown:
                    # The state is measured at a rate: that of the stamp may be on its way.
                    if self._arrived.wait(max(deadline - time.monotonic(), 0.0)):
                        continue
                    raise PursuitFailure(
                        Outcome.ARM_SILENT,
                        f"{unknown}; is the Franka bridge up and connected, and do the hosts' "
                        "clocks agree?",
                    ) from unknown


class LiveObserver:
    """A `vjepa2_planner.Observer` over a world model that sees the camera itself.

    latest: id of the last view.
    """

    def __init__(
        self,
        world_model: WorldModelAccess,
        states: ArmStates,
        now: Callable[[], float],
        image_timeout: float,
        state_timeout: float,
    ) -> None:
        self._world_model = world_model
        self._states = states
        self._now = now
        self._image_timeout = image_timeout
        self._state_timeout = state_timeout
        self.latest = LatentId(0, 0)

    def look(self, goal: LatentId | None, after: float, /) -> View[LatentId]:
        """See `vjepa2_planner.Observer`; stamps in ROS seconds. Without a goal, no energy: NaN."""
        asked = self._now()
        view = self._world_model.view(goal, after, self._image_timeout)
        self.latest = view.latent
        state = self._states.at(view.stamp, self._state_timeout)
        # What the camera takes until it has captured is waiting; what comes after it is not.
        waiting = max(view.stamp - asked, 0.0)
        return View(view.latent, state, view.energy, view.stamp, waiting, view.encoding_seconds)
