"""One goal of an action, sent and followed from a worker thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from rclpy.task import Future

from vjepa2_node.threaded_action_client import ThreadedActionClient


@dataclass(frozen=True, eq=False)
class Ended:
    """The last news. result: message; None where the goal was not taken."""

    result: Any


class ActionCall:
    """Sends the goal at once. Its methods may be called from any thread."""

    def __init__(self, client: ThreadedActionClient, goal: Any) -> None:
        self._news: SimpleQueue[Any] = SimpleQueue()
        self._lock = threading.Lock()
        self._handle: Any = None
        self._cancelled = False
        client.send_goal_async(
            goal, feedback_callback=lambda message: self._news.put(message.feedback)
        ).add_done_callback(self._on_answer)

    def next(self, timeout: float) -> Any:
        """The next feedback message, or `Ended`; None after `timeout` seconds, or when woken."""
        try:
            return self._news.get(timeout=timeout)
        except Empty:
            return None

    def wake(self) -> None:
        """Let `next` return None."""
        self._news.put(None)

    def cancel(self) -> None:
        """Ask for an early end, and let `next` return None; `Ended` still follows."""
        with self._lock:
            self._cancelled = True
            if self._handle is not None:
                self._handle.cancel_goal_async()
        self.wake()

    def _on_answer(self, answer: Future) -> None:
        handle = answer.result()
        if not handle.accepted:
            self._news.put(Ended(None))
            return
        handle.get_result_async().add_done_callback(
            lambda response: self._news.put(Ended(response.result().result))
        )
        with self._lock:
            self._handle = handle
            if self._cancelled:
                handle.cancel_goal_async()
