"""One task in progress: its sub-goals in order; it can be paused, resumed, skipped, aborted."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Generic

from vjepa2_planner import Outcome
from vjepa2_planner.task import pursuit_seed
from vjepa2_planner.task_code import TaskCode
from vjepa2_planning.interruption import Interruption
from vjepa2_planning.task_progress import (
    AnyStage,
    Attempt,
    PursuitEnd,
    TaskEnd,
    TaskFailure,
    TaskOrder,
    TaskProgress,
    TaskState,
)

DONE = (Outcome.BUDGET_SPENT, Outcome.GOAL_MATCHED)
FAILURES = {
    Outcome.STALLED: TaskCode.STALLED,
    Outcome.WORLD_MODEL_LOST: TaskCode.WORLD_MODEL_LOST,
}
Answer = tuple[TaskCode, str]
NO_TASK: Answer = (TaskCode.NO_TASK, "no task is in progress")
MEANWHILE = "not resumed: a request to pause, skip or abort came meanwhile; resume again"


class TaskRun(Generic[AnyStage]):
    """Runs once, on the thread that calls `run`; all else may be called from any thread.

    A pause ends the pursuit in progress. Its steps count; after `resume` a new pursuit starts
    from where the arm then is, with the steps that are left and a seed of its own.
    """

    def __init__(
        self,
        prepare: Callable[[Interruption], TaskOrder[AnyStage]],
        pursue: Callable[[AnyStage, Attempt], PursuitEnd],
        changed: Callable[[TaskProgress], None],
    ) -> None:
        """prepare, pursue: may take long, and raise TaskFailure. changed: must not wait.

        The interruption that `prepare` is given is `aborted`.
        """
        self._prepare = prepare
        self._pursue = pursue
        self._changed = changed
        self._condition = threading.Condition()
        self._progress = TaskProgress()
        self._interruption = Interruption()
        self._paused = self._skipped = False
        self._requests = 0
        self._reason = ""
        self._last: PursuitEnd | None = None
        self._done = self._steps = 0
        self.aborted = Interruption()
        self.ended = threading.Event()

    @property
    def requests(self) -> int:
        """How often it was asked to pause, skip or abort."""
        return self._requests

    @property
    def progress(self) -> TaskProgress:
        """Where it is now."""
        return self._progress

    def run(self) -> TaskEnd:
        """All of it."""
        try:
            self._show(state=TaskState.PREFLIGHT)
            order = self._prepare(self.aborted)
            self._show(task=order.name, sub_goals=len(order.stages))
            skipped: list[str] = []
            for index, stage in enumerate(order.stages):
                if not self._work(stage, index, order.seed):
                    skipped.append(stage.name)
            remark = f"; skipped: {', '.join(skipped)}" if skipped else ""
            message = f"{self._done} sub-goals done in {self._steps} steps{remark}"
            return self._end(TaskCode.OK, message)
        except TaskFailure as failure:
            return self._end(failure.code, str(failure))
        except Exception as error:
            return self._end(TaskCode.FAILED, f"{type(error).__name__}: {error}")

    def stepped(self, energy: float) -> None:
        """The pursuit in progress made a step; energy: of the view before it."""
        with self._condition:
            self._show(steps_done=self._progress.steps_done + 1, energy=energy)

    def pause(self) -> Answer:
        """End the pursuit in progress and wait."""
        with self._condition:
            if self.ended.is_set():
                return NO_TASK
            self._requests += 1
            if self._paused:
                return TaskCode.OK, "the task is paused already, or about to be"
            self._paused = True
            self._show(state=TaskState.PAUSING)
            self._wake()
            return TaskCode.OK, "the motion in progress is being stopped"

    def resume(self, requests: int | None = None) -> Answer:
        """Go on, unless it was asked for something else since it had so many `requests`."""
        with self._condition:
            if self.ended.is_set():
                return NO_TASK
            if self._progress.state is not TaskState.PAUSED:
                stopping = self._progress.state is TaskState.PAUSING
                reason = "still stopping; resume once it is PAUSED" if stopping else "not paused"
                return TaskCode.NOT_PAUSED, f"the task is {reason}"
            if requests not in (None, self._requests):
                return TaskCode.NOT_PAUSED, MEANWHILE
            self._paused = False
            self._wake()
            return TaskCode.OK, "the task goes on from where the arm is now"

    def skip(self) -> Answer:
        """Leave the current sub-goal for the next; a paused task stays paused."""
        with self._condition:
            if self.ended.is_set():
                return NO_TASK
            self._requests += 1
            self._skipped = True
            self._wake()
            return TaskCode.OK, f"sub-goal {self._progress.sub_goal_name} is skipped"

    def abort(self, reason: str) -> Answer:
        """End the task as ABORTED."""
        with self._condition:
            if self.ended.is_set():
                return NO_TASK
            self._requests += 1
            self._reason = self._reason or reason
            self.aborted.interrupt()
            self._wake()
            return TaskCode.OK, "the task is being aborted"

    def _work(self, stage: AnyStage, index: int, task_seed: int) -> bool:
        """Work on a sub-goal until it is done, or skipped: then False."""
        with self._condition:
            # A request to skip during the preflight is meant for the first sub-goal.
            self._skipped = self._skipped and index == 0
            self._show(
                sub_goal=index,
                sub_goal_name=stage.name,
                steps_done=0,
                budget=stage.steps,
                energy=math.nan,
            )
        left, attempts = stage.steps, 0
        while left > 0:
            interruption = self._await_permission()
            if interruption is None:
                return False
            seed = pursuit_seed(task_seed, index, attempts)
            end = self._last = self._pursue(stage, Attempt(left, seed, interruption))
            attempts += 1
            left -= end.steps
            self._steps += end.steps
            self._show(steps_done=stage.steps - left)
            if end.outcome in DONE:
                break
            if end.outcome is not Outcome.CANCELLED or not interruption.happened:
                code = FAILURES.get(end.outcome, TaskCode.PURSUIT_FAILED)
                raise TaskFailure(code, f"sub-goal {stage.name}: {end.message}")
        self._done += 1
        return True

    def _await_permission(self) -> Interruption | None:
        """What ends the next pursuit; None to skip the sub-goal. Waits while paused."""
        with self._condition:
            while True:
                if self.aborted.happened:
                    raise TaskFailure(TaskCode.ABORTED, self._reason)
                if self._skipped:
                    return None
                if not self._paused:
                    self._interruption = Interruption()
                    self._show(state=TaskState.RUNNING)
                    return self._interruption
                self._show(state=TaskState.PAUSED)
                self._condition.wait()

    def _wake(self) -> None:
        self._condition.notify_all()
        self._interruption.interrupt()

    def _end(self, code: TaskCode, message: str) -> TaskEnd:
        with self._condition:
            if self.aborted.happened and code in (TaskCode.OK, TaskCode.ABORTED):
                code, message = TaskCode.ABORTED, self._reason
            self.ended.set()
            self._show(state=TaskState.IDLE, code=code, message=message)
        return TaskEnd(code, message, self._last, self._done, self._steps)

    def _show(self, **changes: Any) -> None:
        with self._condition:
            progress = replace(self._progress, **changes)
            if progress != self._progress:
                self._progress = progress
                self._changed(progress)
