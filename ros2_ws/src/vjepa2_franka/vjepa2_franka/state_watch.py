"""Reads an arm at a rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from vjepa2_robot.arm_driver import ArmState


class StateWatch:
    """A thread of its own that reads an arm: a lost one takes a second to say that it is.

    read: measures the arm. period: between two readings [s], asked for anew each time. seen, lost:
    are told of every state and of every failure to read, on that thread; they must not raise.
    """

    def __init__(
        self,
        read: Callable[[], ArmState],
        period: Callable[[], float],
        seen: Callable[[ArmState], None],
        lost: Callable[[Exception], None],
    ) -> None:
        self._read = read
        self._period = period
        self._seen = seen
        self._lost = lost
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="state watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread, and wait for it a few seconds at most."""
        self._ended.set()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        due = time.monotonic()
        while not self._ended.is_set():
            try:
                state = self._read()
            except Exception as error:
                self._lost(error)
            else:
                self._seen(state)
            # What came too late is not made up for.
            due = max(due + self._period(), time.monotonic())
            self._ended.wait(due - time.monotonic())
