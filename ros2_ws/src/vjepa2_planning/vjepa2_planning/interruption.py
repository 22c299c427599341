"""A request to end something early that runs on another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Interruption:
    """Happens at most once; whoever wants to know reacts at once, also when it comes late."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reactions: list[Callable[[], None]] = []
        self._happened = False

    @property
    def happened(self) -> bool:
        """Whether the end was asked for."""
        return self._happened

    def interrupt(self) -> None:
        """Ask for the end; the reactions are called on this thread."""
        with self._lock:
            if self._happened:
                return
            self._happened = True
            reactions = tuple(self._reactions)
        for react in reactions:
            react()

    def on_interrupt(self, react: Callable[[], None]) -> None:
        """Call `react`, which must not wait, once the end is asked for."""
        with self._lock:
            if not self._happened:
                self._reactions.append(react)
                return
        react()
