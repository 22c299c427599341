"""The newest live view, and waiting for one that was captured late enough."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from vjepa2_msgs.msg import WorldModelCode
from vjepa2_world_model.access import WorldModelError


@dataclass(frozen=True, eq=False)
class Captured:
    """A live view as it came. stamp: of capture [s, ROS clock]."""

    message: Any
    stamp: float


class LiveView:
    """Shown views on one side, waiting threads on the other."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._changed = threading.Condition()
        self._newest: Captured | None = None
        self._ended = False

    @property
    def newest(self) -> Captured | None:
        """What was shown last."""
        return self._newest

    def show(self, message: Any, stamp: float) -> None:
        """A view has come."""
        with self._changed:
            self._newest = Captured(message, stamp)
            self._changed.notify_all()

    def wait(self, after: float, timeout: float) -> Captured:
        """A view captured later than `after` [s, ROS clock].

        Raises WorldModelError: NO_IMAGE after `timeout` [s], INACTIVE once waiting was ended.
        """

        def fresh() -> Captured | None:
            newest = self._newest
            return newest if newest is not None and newest.stamp > after else None

        with self._changed:
            self._changed.wait_for(lambda: self._ended or fresh(), timeout)
            if self._ended:
                raise WorldModelError(
                    WorldModelCode.INACTIVE, "the world model was deactivated meanwhile"
                )
            if (captured := fresh()) is not None:
                return captured
            raise WorldModelError(WorldModelCode.NO_IMAGE, self._missed(after, timeout))

    def begin_waiting(self) -> None:
        """Allow waiting again."""
        with self._changed:
            self._ended = False

    def end_waiting(self) -> None:
        """Wake those who wait, in vain."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _missed(self, after: float, timeout: float) -> str:
        if self._newest is None:
            return f"nothing came on {self._topic} within {timeout:g} s: is its publisher up?"
        return (
            f"nothing captured after {after:.3f} s came on {self._topic} within {timeout:g} s; "
            f"the newest was captured {after - self._newest.stamp:.3f} s before that"
        )
