"""Answers that get lost: what may be served twice is asked again."""

from __future__ import annotations

from typing import Any

import pytest
from rclpy.task import Future

from tests.ros.conftest import WAIT, Graph
from vjepa2_msgs.srv import TaskRequest
from vjepa2_node.calls import NoAnswerError, call, is_ready_within
from vjepa2_node.managed_node import ManagedNode


class Forgetful(ManagedNode):
    """Answers each request but the first, whose answer is `held` back."""

    def __init__(self, **options: Any) -> None:
        super().__init__("forgetful", (), **options)
        self.asked = 0
        self.held = Future()
        self.create_service(TaskRequest, "ask", self._serve, callback_group=self.waiting)

    async def _serve(self, request: Any, response: Any) -> Any:
        self.asked += 1
        number = self.asked
        if number == 1:
            await self.held
        response.message = str(number)
        return response


def test_a_lost_answer_is_asked_for_again(graph: Graph) -> None:
    """The second request is answered."""
    node = graph.add(Forgetful, active=False)
    client = graph.client.create_client(TaskRequest, "ask")
    assert call(client, TaskRequest.Request(), WAIT, ask_again=0.2).message == "2"
    assert node.asked == 2


def test_unless_told_nothing_is_asked_twice(graph: Graph) -> None:
    """Who moves an arm must not move it twice."""
    node = graph.add(Forgetful, active=False)
    client = graph.client.create_client(TaskRequest, "ask")
    with pytest.raises(NoAnswerError, match=r"ask gave no answer within 1 s"):
        call(client, TaskRequest.Request(), 1.0)
    assert node.asked == 1


def test_a_late_answer_to_the_first_request_counts(graph: Graph) -> None:
    """Somebody slow is asked again, and still the first answer is taken."""

    class Slow(Forgetful):
        async def _serve(
            self, request: TaskRequest.Request, response: TaskRequest.Response
        ) -> Any:
            if self.asked == 1:
                self.held.set_result(None)
                self.asked += 1
                await Future()
            return await super()._serve(request, response)

    graph.add(Slow, active=False)
    client = graph.client.create_client(TaskRequest, "ask")
    assert call(client, TaskRequest.Request(), WAIT, ask_again=0.2).message == "1"


def test_a_server_that_blinks_is_found(graph: Graph) -> None:
    """It is so for some milliseconds while another one of its name comes or goes."""
    looks = iter([False, True, False])
    assert is_ready_within(WAIT, lambda: next(looks), graph.context)


def test_a_server_that_is_not_there_is_not_found(graph: Graph) -> None:
    """After the time that is allowed; at once where ROS ends meanwhile."""
    assert not is_ready_within(0.1, lambda: False, graph.context)
    looks = iter([False])
    graph.context.try_shutdown()
    assert not is_ready_within(WAIT, lambda: next(looks), graph.context)
