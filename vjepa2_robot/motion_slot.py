"""One motion at a time, and a way to interrupt the one that runs."""

from __future__ import annotations

import threading
from types import TracebackType

from vjepa2_robot.arm_driver import MotionCode
from vjepa2_robot.refusal import RefusalError


class MotionSlot:
    """Context manager held for the length of a motion; entering it twice raises
    `RefusalError` with REFUSED_BUSY.

    An interruption applies to the motion in progress only: one that arrives while nothing moves
    is not kept for the next motion.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._active = False
        self._interrupted = False

    def __enter__(self) -> None:
        with self._condition:
            if self._active:
                raise RefusalError(
                    MotionCode.REFUSED_BUSY,
                    "another motion is in progress; stop it or wait for its end",
                )
            self._active = True
            self._interrupted = False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._condition:
            self._active = False
            self._condition.notify_all()

    @property
    def active(self) -> bool:
        """True while a motion is in progress."""
        return self._active

    def interrupt(self) -> None:
        """Ask the motion in progress, if any, to end."""
        with self._condition:
            self._interrupted = self._active

    def interrupted(self) -> bool:
        """True when the motion in progress is to end."""
        return self._interrupted

    def wait_free(self, timeout: float) -> bool:
        """Wait until no motion is in progress; False when `timeout` seconds pass first."""
        with self._condition:
            return self._condition.wait_for(lambda: not self._active, timeout)
