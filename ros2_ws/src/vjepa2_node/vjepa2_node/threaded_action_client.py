"""An action client for threads that are not the executor's."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Any

from rclpy.action import ActionClient
from rclpy.task import Future

from vjepa2_node.calls import is_ready_within


class ThreadedActionClient(ActionClient):  # type: ignore[misc]
    """Loses neither an answer nor feedback, from whichever thread it is used.

    rclpy drops an answer that comes before the asking thread has noted that it expects one, and
    handles a result before the feedback that arrived with it, which it then drops. The middleware
    drops an answer to somebody whom the server has only half discovered; that the goal was taken
    is then known from its status. Otherwise nobody could cancel it.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._asking = threading.RLock()
        self._known_from_status: set[int] = set()  # sequence numbers of goals
        super().__init__(*arguments, **options)

    def wait_for_server(self, timeout_sec: float = math.inf) -> bool:
        """Whether a server was there at a time within `timeout_sec` seconds."""
        return is_ready_within(timeout_sec, self.server_is_ready, self._node.context)

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
        with self._asking:  # whoever has asked has noted it by now
            for answer in self._answers(taken_data):
                await super().execute({"goal": answer})
        await super().execute(taken_data)

    def _answers(self, taken_data: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        if "goal" in taken_data:
            number, answer = taken_data.pop("goal")
            if number in self._known_from_status:
                self._known_from_status.remove(number)  # late, not lost
            else:
                yield number, answer
        statuses = taken_data["status"].status_list if "status" in taken_data else ()
        stamps = {bytes(s.goal_info.goal_id.uuid): s.goal_info.stamp for s in statuses}
        for number, goal_id in list(self._goal_sequence_number_to_goal_id.items()):
            stamp = stamps.get(bytes(goal_id.uuid))
            pending = self._pending_goal_requests.get(number)
            if stamp is not None and pending is not None and not pending.done():
                self._known_from_status.add(number)
                response = self._action_type.Impl.SendGoalService.Response
                yield number, response(accepted=True, stamp=stamp)
