"""Services that pause, resume, skip and abort the task in progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vjepa2_msgs.srv import TaskRequest
from vjepa2_node import names
from vjepa2_node.managed_node import ManagedNode
from vjepa2_planner.task_code import TaskCode
from vjepa2_planning.interruption import Interruption
from vjepa2_planning.task_messages import code_message
from vjepa2_planning.task_progress import TaskFailure, TaskState
from vjepa2_planning.task_run import NO_TASK, Answer, TaskRun

INACTIVE = (TaskCode.INACTIVE, "the sequencer is not active; activate it first")
Run = TaskRun[Any]


class TaskControls:
    """Answers at once; `resume` after the preflight of camera and arm.

    current: the task in progress. check: that preflight; raises TaskFailure. A request that
    comes while it goes on wins: then the task is not resumed.
    """

    def __init__(
        self,
        node: ManagedNode,
        current: Callable[[], Run | None],
        check: Callable[[Interruption], None],
    ) -> None:
        self._node = node
        self._current = current
        self._check = check
        for name, act in (
            (names.PAUSE, TaskRun.pause),
            (names.SKIP, TaskRun.skip),
            (names.ABORT, lambda run: run.abort("aborted by request")),
        ):
            self._serve(name, self._answering(act))
        self._serve(names.RESUME, self._on_resume)

    def _serve(self, name: str, answer: Callable[..., Any]) -> None:
        self._node.create_service(TaskRequest, name, answer, callback_group=self._node.waiting)

    def _answering(self, act: Callable[[Run], Answer]) -> Callable[..., TaskRequest.Response]:
        def answer(_: TaskRequest.Request, response: TaskRequest.Response) -> TaskRequest.Response:
            return _said(response, self._ask(act))

        return answer

    async def _on_resume(
        self, _: TaskRequest.Request, response: TaskRequest.Response
    ) -> TaskRequest.Response:
        run = self._current()
        if run is None or not self._node.is_active:
            return _said(response, self._ask(TaskRun.resume))
        requests = run.requests
        if run.progress.state is TaskState.PAUSED:
            try:
                await self._node.submit(lambda: self._check(run.aborted))
            except TaskFailure as failure:
                return _said(response, (failure.code, f"not resumed: {failure}"))
            except Exception as error:
                return _said(response, _failed(error))
        # Of the run that was checked for, whichever is in progress now.
        return _said(response, self._ask(lambda _: run.resume(requests)))

    def _ask(self, act: Callable[[Run], Answer]) -> Answer:
        if not self._node.is_active:
            return INACTIVE
        run = self._current()
        try:
            return NO_TASK if run is None else act(run)
        except Exception as error:
            return _failed(error)


def _failed(error: Exception) -> Answer:
    return TaskCode.FAILED, f"{type(error).__name__}: {error}"


def _said(response: TaskRequest.Response, answer: Answer) -> TaskRequest.Response:
    response.code, response.message = code_message(answer[0]), answer[1]
    return response
