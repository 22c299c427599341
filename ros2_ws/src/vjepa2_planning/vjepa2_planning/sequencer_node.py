"""The sequencer: owns the task, and has the planner pursue its goals one after the other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rclpy.action import ActionServer, CancelResponse
from rclpy.action.server import ServerGoalHandle

from vjepa2_msgs.action import RunTask
from vjepa2_msgs.msg import TaskStatus
from vjepa2_node import names
from vjepa2_node.diagnostics import Health
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.qos import LATCHED
from vjepa2_node.run_nodes import run_nodes
from vjepa2_planner.task_code import TaskCode
from vjepa2_planning.goal_library import GoalLibrary
from vjepa2_planning.interruption import Interruption
from vjepa2_planning.live_inputs import LiveInputs
from vjepa2_planning.sequencer_parameters import PARAMETERS, preflight_settings
from vjepa2_planning.task_controls import INACTIVE, TaskControls
from vjepa2_planning.task_execution import TaskExecution
from vjepa2_planning.task_messages import result_message, status_message
from vjepa2_planning.task_progress import TaskEnd, TaskProgress
from vjepa2_planning.task_run import TaskRun
from vjepa2_planning.task_shelf import TaskShelf

BUSY = (TaskCode.BUSY, "another task is in progress; await its end, or abort it")
LETTING_GO = 5.0
"""Seconds that a task in progress may take to end when the node is cleaned up."""


class SequencerNode(ManagedNode):
    """Serves `run_task` and the services around it; publishes `task_status`."""

    def __init__(self, **options: Any) -> None:
        super().__init__("sequencer", PARAMETERS, preflight_settings, workers=4, **options)
        self._run: TaskRun[Any] | None = None
        self._handle: ServerGoalHandle | None = None
        self._execution: TaskExecution | None = None
        self._told = TaskProgress()
        self._status = self.create_publisher(TaskStatus, names.TASK_STATUS, LATCHED)
        self._shelf = TaskShelf(self)
        self._controls = TaskControls(self, lambda: self._run, self._check)
        self._server = ActionServer(
            self,
            RunTask,
            names.RUN_TASK,
            self._on_task,
            callback_group=self.waiting,
            cancel_callback=self._on_cancel,
        )

    def configure(self) -> None:
        goals = GoalLibrary(Path(self.parameters["goal_folder"]).expanduser())
        for fault in goals.load():
            self.get_logger().warning(fault)
        self._shelf.goals = goals
        self._shelf.live = LiveInputs(self)
        self._execution = TaskExecution(self, self._shelf.live)

    def activate(self) -> None:
        self._publish(TaskProgress())

    def deactivate(self) -> None:
        if self._run is not None:
            self._run.abort("the sequencer was deactivated")

    def cleanup(self) -> None:
        if self._execution is not None:
            self._execution.abandon()
            if self._run is not None and not self._run.ended.wait(LETTING_GO):
                self.get_logger().error("the task in progress did not end in time")
            self._execution.close()
            self._execution = None
        if self._shelf.live is not None:
            self._shelf.live.close()
            self._shelf.live = None

    def health(self) -> Health:
        told = self._told
        return Health(
            warning=told.message if told.code >= TaskCode.STALLED else "",
            values={
                "state": told.state.name,
                "task": told.task,
                "sub_goal": f"{told.sub_goal_name} ({told.sub_goal + 1} of {told.sub_goals})",
                "steps": f"{told.steps_done} of {told.budget}",
                "energy": told.energy,
                "last_code": told.code.name,
            },
        )

    async def _on_task(self, handle: ServerGoalHandle) -> RunTask.Result:
        try:
            return self._finish(handle, await self._perform(handle))
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            self.get_logger().error(f"task failed: {reason}")
            # Where the goal is still open, rclpy aborts it.
            return result_message(TaskEnd(TaskCode.FAILED, reason))

    async def _perform(self, handle: ServerGoalHandle) -> TaskEnd:
        if not self.is_active:
            return TaskEnd(*INACTIVE)
        if self._run is not None:
            return TaskEnd(*BUSY)
        assert self._execution is not None and self._shelf.goals is not None
        run = self._run = self._execution.task_run(
            handle.request,
            self._shelf.tasks,
            self._shelf.goals,
            handle.publish_feedback,
            self._publish,
        )
        self._handle = handle
        try:
            if handle.is_cancel_requested:
                self._on_cancel(handle)
            end: TaskEnd = await self.submit(run.run)
            return end
        finally:
            self._run = self._handle = None

    def _on_cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        if self._run is not None and self._handle is handle:
            self._run.abort("the request to run the task was cancelled")
        return CancelResponse.ACCEPT

    def _finish(self, handle: ServerGoalHandle, end: TaskEnd) -> RunTask.Result:
        result = result_message(end)
        self.log_end(f"task ended, {end.code.name}: {end.message}", end.code >= TaskCode.STALLED)
        if end.code is TaskCode.OK:
            handle.succeed()
        elif end.code is TaskCode.ABORTED and handle.is_cancel_requested:
            handle.canceled()
        else:
            handle.abort()
        return result

    def _check(self, interruption: Interruption) -> None:
        assert self._execution is not None
        self._execution.check(interruption)

    def _publish(self, progress: TaskProgress) -> None:
        self._told = progress
        self._status.publish(status_message(progress, self.get_clock().now().to_msg()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sequencer alone."""
    return run_nodes(lambda: [SequencerNode()], arguments)


if __name__ == "__main__":
    sys.exit(main())
