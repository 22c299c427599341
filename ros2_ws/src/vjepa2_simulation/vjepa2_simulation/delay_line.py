"""Hands things on in their order, each at its time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class DelayLine(Generic[T]):
    """Calls `deliver` for each item on a thread of its own; nobody who puts one in waits."""

    def __init__(self, deliver: Callable[[T], None]) -> None:
        self._deliver = deliver
        self._items: deque[tuple[float, T]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="delay line", daemon=True)
        self._thread.start()

    def put(self, item: T, due: float) -> None:
        """Hand `item` on at `due` [s, time.monotonic()], but after all that came before it."""
        with self._changed:
            if not self._closed:
                self._items.append((due, item))
                self._changed.notify()

    def close(self) -> None:
        """Drop what is left and return once nothing is being delivered; safe to call twice."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while self._await_next():
            with self._changed:
                if not self._items:
                    return
                item = self._items.popleft()[1]
            self._deliver(item)

    def _await_next(self) -> bool:
        """Wait until the first item is due; false once closed."""
        with self._changed:
            while not self._closed:
                if not self._items:
                    self._changed.wait()
                elif (left := self._items[0][0] - time.monotonic()) > 0:
                    self._changed.wait(left)
                else:
                    return True
        return False
