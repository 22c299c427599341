"""Whether a node whose answer is awaited is still there."""

from __future__ import annotations

import time
from collections.abc import Callable


class Heartbeat:
    """Told of each beat on one thread, asked by others.

    timeout: without a beat, after which the node counts as lost [s].
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self._last = 0.0
        self._session = 0

    def beat(self, session: int) -> None:
        """The node lives. session: of what it keeps; 0 while it keeps nothing."""
        self._last = time.monotonic()
        self._session = session

    def watch(self) -> Callable[[], str]:
        """To call while waiting: why an answer will never come; empty while it may.

        Time counts from here, as beats may have been missed for want of a listener.
        """
        since, session = time.monotonic(), self._session

        def fault() -> str:
            if self._session not in (session, 0) and session:
                return "started anew meanwhile, and has forgotten all latents"
            if time.monotonic() - max(self._last, since) > self.timeout:
                return f"gave no sign of life for {self.timeout:g} s: is it running?"
            return ""

        return fault
