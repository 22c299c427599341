"""Services around what can be run: task files and captured goals."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vjepa2_msgs.srv import CaptureGoal, ListTasks, LoadTask
from vjepa2_node import names
from vjepa2_node.managed_node import ManagedNode
from vjepa2_planner.task import Task, read_task
from vjepa2_planner.task_code import TaskCode
from vjepa2_planner.task_fields import TaskError
from vjepa2_planning.goal_capture import capture_goal
from vjepa2_planning.goal_library import GoalLibrary
from vjepa2_planning.goal_view import goal_message
from vjepa2_planning.live_inputs import LiveInputs
from vjepa2_planning.sequencer_parameters import preflight_settings
from vjepa2_planning.task_controls import INACTIVE
from vjepa2_planning.task_messages import code_message, sub_goal_message
from vjepa2_planning.task_progress import TaskFailure


class TaskShelf:
    """Serves load_task, capture_goal and list_tasks; holds what they brought.

    goals, live: None while the node is not configured.
    """

    def __init__(self, node: ManagedNode) -> None:
        self._node = node
        self.tasks: dict[str, Task] = {}  # replaced, never changed: other threads iterate it
        self._changing = threading.Lock()
        self.goals: GoalLibrary | None = None
        self.live: LiveInputs | None = None
        group = node.waiting
        node.create_service(LoadTask, names.LOAD_TASK, self._on_load, callback_group=group)
        node.create_service(
            CaptureGoal, names.CAPTURE_GOAL, self._on_capture, callback_group=group
        )
        node.create_service(ListTasks, names.LIST_TASKS, self._on_list, callback_group=group)

    async def _on_load(
        self, request: LoadTask.Request, response: LoadTask.Response
    ) -> LoadTask.Response:
        return await self._do(lambda: self._load(request.path, response), response)

    async def _on_capture(
        self, request: CaptureGoal.Request, response: CaptureGoal.Response
    ) -> CaptureGoal.Response:
        return await self._do(lambda: self._capture(request.name, response), response)

    def _on_list(self, _: ListTasks.Request, response: ListTasks.Response) -> ListTasks.Response:
        response.tasks = sorted(self.tasks)
        response.goals = [] if self.goals is None else self.goals.names
        return response

    def _load(self, path: str, response: LoadTask.Response) -> None:
        try:
            file = Path(path).expanduser()
        except RuntimeError as error:
            raise TaskFailure(TaskCode.BAD_TASK, f"{path}: {error}") from error
        task = read_task(file)
        with self._changing:
            self.tasks = {**self.tasks, task.name: task}
        response.task = task.name
        response.sub_goals = [sub_goal_message(sub_goal) for sub_goal in task.sub_goals]
        response.message = f"task {task.name} is loaded"

    def _capture(self, name: str, response: CaptureGoal.Response) -> None:
        assert self.live is not None and self.goals is not None
        values = self._node.parameters.values()
        goal, path = capture_goal(
            name, self.live, self.goals, preflight_settings(values), values["preflight.wait"]
        )
        response.goal, response.path = goal_message(goal), str(path)
        state = "with" if goal.state is not None else "without"
        response.message = f"goal {name} is stored, {state} the arm's state"

    async def _do(self, work: Callable[[], None], response: Any) -> Any:
        """`work`, on a worker thread; `response` then has its code."""
        code, message = INACTIVE
        if self._node.is_active:
            try:
                await self._node.submit(work)
            except TaskFailure as failure:
                code, message = failure.code, str(failure)
            except TaskError as error:
                code, message = TaskCode.BAD_TASK, str(error)
            except Exception as error:
                code, message = TaskCode.FAILED, f"{type(error).__name__}: {error}"
            else:
                code, message = TaskCode.OK, response.message
        response.code, response.message = code_message(code), message
        return response
