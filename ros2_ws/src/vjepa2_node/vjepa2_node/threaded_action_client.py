"""An action client for threads that are not the executor's."""

from __future__ import annotations

import threading
from typing import Any

from rclpy.action import ActionClient
from rclpy.task import Future


class ThreadedActionClient(ActionClient):  # type: ignore[misc]
    """Loses neither an answer nor feedback, from whichever thread it is used.

    rclpy drops an answer that comes before the asking thread has noted that it expects one, and
    handles a result before the feedback that arrived with it, which it then drops.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._asking = threading.RLock()
        super().__init__(*arguments, **options)

    def send_goal_async(self, *arguments: Any, **options: Any) -> Future:
        with self._asking:
            return super().send_goal_async(*arguments, **options)

    def _cancel_goal_async(self, goal_handle: Any) -> Future:
        with self._asking:
            return super()._cancel_goal_async(goal_handle)

    def _get_result_async(self, goal_handle: Any) -> Future:
        with self._asking:
            return super()._get_result_async(goal_handle)

    def take_data(self) -> dict[str, Any]:
        if self._is_feedback_ready:
            # The executor's next round finds the result still waiting.
            self._is_result_response_ready = False
        taken: dict[str, Any] = super().take_data()
        return taken

    async def execute(self, taken_data: dict[str, Any]) -> None:
        with self._asking:
            pass  # whoever has asked has noted it by now
        await super().execute(taken_data)
