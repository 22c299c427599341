"""A motion that can be cancelled at any moment: before, while and after it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable

from vjepa2_robot.arm_driver import MotionCode, MotionResult
from vjepa2_robot.refusal import RefusalError


class CancellableMotion:
    """Cancelling stops this motion alone, not the one of another that runs at that moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._begun = False
        self._ended = threading.Event()

    def run(self, motion: Callable[[], MotionResult]) -> MotionResult:
        """Carry the motion out, once; RefusalError with STOPPED where it was cancelled before."""
        with self._lock:
            if self._cancelled:
                raise RefusalError(MotionCode.STOPPED, "cancelled before the motion began")
            self._begun = True
        try:
            return motion()
        finally:
            self._ended.set()

    def cancel(self, stop: Callable[[], None]) -> None:
        """See to it that the motion ends, by `stop` where it is in progress."""
        with self._lock:
            self._cancelled = True
            if not self._begun:
                return
        # A motion that is just being refused, because another one runs, ends by itself; one that
        # has not quite begun does not notice the first stop.
        while not self._ended.wait(timeout=0.005):
            stop()
