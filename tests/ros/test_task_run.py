"""The order of things in a task, with pursuits that end when the test says so."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_msgs.msg import TaskStatus
from vjepa2_planner import Outcome
from vjepa2_planner.task import pursuit_seed
from vjepa2_planner.task_code import TaskCode
from vjepa2_planning.interruption import Interruption
from vjepa2_planning.task_progress import (
    Attempt,
    PursuitEnd,
    TaskEnd,
    TaskFailure,
    TaskOrder,
    TaskProgress,
    TaskState,
)
from vjepa2_planning.task_run import TaskRun

WAIT = 20.0
SEED = 5


@dataclass(frozen=True)
class Stage:
    name: str
    steps: int


STAGES = (Stage("grasp", 4), Stage("move", 10), Stage("place", 4))


class Scene:
    """A task run on a thread of its own; each pursuit waits until it is told how to end."""

    def __init__(self, prepare: Callable[[Interruption], TaskOrder[Stage]]) -> None:
        self.attempts: SimpleQueue[tuple[Stage, Attempt]] = SimpleQueue()
        self.progress: list[TaskProgress] = []
        self.changes: SimpleQueue[TaskProgress] = SimpleQueue()
        self._ends: SimpleQueue[PursuitEnd | Exception] = SimpleQueue()
        self.steps_when_interrupted: int | None = 0  # None: an interruption is not obeyed
        self.run = TaskRun(prepare, self._pursue, self._changed)
        self._threads = ThreadPoolExecutor(1)
        self._end: Future[TaskEnd] = self._threads.submit(self.run.run)

    def attempt(self) -> tuple[str, Attempt]:
        """The next pursuit: of which goal, and what was asked for."""
        stage, attempt = self.attempts.get(timeout=WAIT)
        return stage.name, attempt

    def finish(self, outcome: Outcome, steps: int, message: str = "") -> None:
        """End the pursuit in progress."""
        self._ends.put(PursuitEnd(outcome, steps, message))

    def fail(self, error: Exception) -> None:
        """The same, with an exception."""
        self._ends.put(error)

    def until(self, state: TaskState) -> TaskProgress:
        """The next progress with this state."""
        while (progress := self.changes.get(timeout=WAIT)).state is not state:
            pass
        return progress

    def end(self) -> TaskEnd:
        """How the task ended."""
        return self._end.result(timeout=WAIT)

    def close(self) -> None:
        """Let the thread end, whatever the test left behind."""
        self.steps_when_interrupted = 0
        self.run.abort("the test is over")
        self._threads.shutdown()

    def _pursue(self, stage: Stage, attempt: Attempt) -> PursuitEnd:
        attempt.interruption.on_interrupt(self._obey)
        self.attempts.put((stage, attempt))
        end = self._ends.get(timeout=WAIT)
        if isinstance(end, Exception):
            raise end
        return end

    def _obey(self) -> None:
        if self.steps_when_interrupted is not None:
            self.finish(Outcome.CANCELLED, self.steps_when_interrupted)

    def _changed(self, progress: TaskProgress) -> None:
        self.progress.append(progress)
        self.changes.put(progress)


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A task of three sub-goals."""
    scene = Scene(lambda _: TaskOrder("cup", SEED, STAGES))
    yield scene
    scene.close()


def test_sub_goals_in_order(scene: Scene) -> None:
    """Each with its budget and a seed of its own; matched goals count like spent budgets."""
    for index, stage in enumerate(STAGES):
        name, attempt = scene.attempt()
        assert (name, attempt.steps) == (stage.name, stage.steps)
        assert attempt.seed == pursuit_seed(SEED, index, 0)
        scene.run.stepped(0.5 - 0.1 * index)
        scene.finish(Outcome.GOAL_MATCHED if index == 1 else Outcome.BUDGET_SPENT, 3)
    end = scene.end()
    assert (end.code, end.sub_goals_done, end.steps) == (TaskCode.OK, 3, 9)
    assert end.message == "3 sub-goals done in 9 steps"
    assert end.last is not None and end.last.outcome is Outcome.BUDGET_SPENT
    states = [progress.state for progress in scene.progress]
    assert (states[0], states[-1]) == (TaskState.PREFLIGHT, TaskState.IDLE)
    second = [p for p in scene.progress if p.sub_goal_name == "move"]
    assert math.isnan(second[0].energy) and second[0].steps_done == 0
    assert {p.energy for p in second[1:]} == {0.4}
    assert (second[-1].budget, second[-1].steps_done, second[-1].sub_goals) == (10, 3, 3)


def test_paused_and_resumed(scene: Scene) -> None:
    """The steps before the pause count; the continuation has a seed of its own."""
    scene.steps_when_interrupted = 3
    scene.attempt()
    scene.finish(Outcome.BUDGET_SPENT, 4)
    scene.attempt()
    assert scene.run.resume()[0] is TaskCode.NOT_PAUSED
    assert scene.run.pause()[0] is TaskCode.OK
    paused = scene.until(TaskState.PAUSED)
    assert (paused.sub_goal, paused.steps_done, paused.budget) == (1, 3, 10)
    assert scene.run.pause()[0] is TaskCode.OK
    assert scene.attempts.empty()
    assert scene.run.resume()[0] is TaskCode.OK
    name, attempt = scene.attempt()
    assert (name, attempt.steps, attempt.seed) == ("move", 7, pursuit_seed(SEED, 1, 1))
    assert not attempt.interruption.happened
    scene.run.pause()
    scene.until(TaskState.PAUSED)
    scene.run.resume()
    _, attempt = scene.attempt()
    assert (attempt.steps, attempt.seed) == (4, pursuit_seed(SEED, 1, 2))
    scene.finish(Outcome.BUDGET_SPENT, 4)
    scene.attempt()
    scene.finish(Outcome.BUDGET_SPENT, 4)
    end = scene.end()
    assert (end.code, end.steps, end.sub_goals_done) == (TaskCode.OK, 18, 3)


def test_resume_while_it_is_still_stopping(scene: Scene) -> None:
    """The arm may still move: not yet."""
    scene.steps_when_interrupted = None
    scene.attempt()
    scene.run.pause()
    assert scene.run.progress.state is TaskState.PAUSING
    code, message = scene.run.resume()
    assert code is TaskCode.NOT_PAUSED and "still stopping" in message
    scene.finish(Outcome.CANCELLED, 2)
    assert scene.until(TaskState.PAUSED).steps_done == 2
    assert scene.run.resume()[0] is TaskCode.OK


def test_a_fault_while_pausing(scene: Scene) -> None:
    """It ends the task: there is nothing to resume."""
    scene.steps_when_interrupted = None
    scene.attempt()
    scene.run.pause()
    scene.finish(Outcome.MOTION_FAILED, 1, "reflex")
    assert scene.end().code is TaskCode.PURSUIT_FAILED


def test_a_pause_with_the_budget_spent_meanwhile(scene: Scene) -> None:
    """The pursuit ended by itself: the task waits before the next sub-goal."""
    scene.attempt()
    scene.finish(Outcome.BUDGET_SPENT, 4)
    scene.attempt()
    scene.steps_when_interrupted = None
    scene.run.pause()
    scene.finish(Outcome.BUDGET_SPENT, 10)
    paused = scene.until(TaskState.PAUSED)
    assert (paused.sub_goal_name, paused.steps_done) == ("place", 0)
    scene.run.resume()
    assert scene.attempt()[0] == "place"


def test_skipping(scene: Scene) -> None:
    """The current one is left; the task goes on, and ends OK; skipped ones are not done."""
    scene.attempt()
    assert scene.run.skip()[0] is TaskCode.OK
    assert scene.attempt()[0] == "move"
    scene.finish(Outcome.BUDGET_SPENT, 10)
    scene.attempt()
    scene.run.skip()
    end = scene.end()
    assert (end.code, end.sub_goals_done) == (TaskCode.OK, 1)
    assert end.message == "1 sub-goals done in 10 steps; skipped: grasp, place"


def test_skipping_while_paused(scene: Scene) -> None:
    """It stays paused, before the next sub-goal: a skip alone never moves the arm."""
    scene.attempt()
    scene.run.pause()
    scene.until(TaskState.PAUSED)
    assert scene.run.skip()[0] is TaskCode.OK
    assert scene.until(TaskState.PAUSED).sub_goal_name == "move"
    assert scene.attempts.empty()
    scene.run.resume()
    assert scene.attempt()[0] == "move"


@pytest.mark.parametrize("paused", [False, True])
def test_aborting(scene: Scene, paused: bool) -> None:
    """While running and while paused; then there is no task any more."""
    _, attempt = scene.attempt()
    if paused:
        scene.run.pause()
        scene.until(TaskState.PAUSED)
    assert scene.run.abort("by request")[0] is TaskCode.OK
    end = scene.end()
    assert (end.code, end.message) == (TaskCode.ABORTED, "by request")
    assert attempt.interruption.happened
    assert scene.progress[-1].state is TaskState.IDLE
    assert scene.progress[-1].code is TaskCode.ABORTED
    for answer in (scene.run.pause(), scene.run.resume(), scene.run.skip(), scene.run.abort("")):
        assert answer[0] is TaskCode.NO_TASK


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.STALLED, TaskCode.STALLED),
        (Outcome.WORLD_MODEL_LOST, TaskCode.WORLD_MODEL_LOST),
        (Outcome.MOTION_FAILED, TaskCode.PURSUIT_FAILED),
        (Outcome.CAMERA_SILENT, TaskCode.PURSUIT_FAILED),
        (Outcome.BUSY, TaskCode.PURSUIT_FAILED),
        (Outcome.CANCELLED, TaskCode.PURSUIT_FAILED),
    ],
)
def test_pursuits_that_fail(scene: Scene, outcome: Outcome, code: TaskCode) -> None:
    """The task ends with a code, the sub-goal and the planner's words; nothing else is tried."""
    scene.attempt()
    scene.finish(outcome, 2, "because")
    end = scene.end()
    assert (end.code, end.message) == (code, "sub-goal grasp: because")
    assert end.last is not None and end.last.outcome is outcome
    assert end.steps == 2 and scene.attempts.empty()


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (TaskFailure(TaskCode.PLANNER_LOST, "gone"), TaskCode.PLANNER_LOST, "gone"),
        (ZeroDivisionError("oops"), TaskCode.FAILED, "ZeroDivisionError: oops"),
    ],
)
def test_pursuits_that_raise(scene: Scene, error: Exception, code: TaskCode, message: str) -> None:
    """An exception is the task's end, with a code."""
    scene.attempt()
    scene.fail(error)
    assert (scene.end().code, scene.end().message) == (code, message)


def test_a_preflight_that_fails() -> None:
    """Nothing is pursued."""

    def refuse(_: Interruption) -> TaskOrder[Stage]:
        raise TaskFailure(TaskCode.CAMERA_SLOW, "0.1 Hz")

    scene = Scene(refuse)
    assert scene.end() == TaskEnd(TaskCode.CAMERA_SLOW, "0.1 Hz")
    assert scene.attempts.empty()
    scene.close()


@pytest.mark.parametrize("request_name", ["pause", "skip", "abort"])
def test_resume_that_something_else_came_before(scene: Scene, request_name: str) -> None:
    """What was asked for since wins: no pursuit starts until it is resumed anew."""
    scene.attempt()
    scene.run.pause()
    scene.until(TaskState.PAUSED)
    requests = scene.run.requests
    if request_name == "abort":
        scene.run.abort("by request")
        assert scene.run.resume(requests)[0] in (TaskCode.NOT_PAUSED, TaskCode.NO_TASK)
        assert scene.end().code is TaskCode.ABORTED
        assert scene.attempts.empty()
        return
    getattr(scene.run, request_name)()
    code, message = scene.run.resume(requests)
    assert code is TaskCode.NOT_PAUSED and "meanwhile" in message
    assert scene.run.progress.state is TaskState.PAUSED
    assert scene.attempts.empty()
    assert scene.run.resume(scene.run.requests)[0] is TaskCode.OK
    assert scene.attempt()[0] == ("grasp" if request_name == "pause" else "move")


def test_interrupted_while_it_is_prepared() -> None:
    """A pause waits for the preflight's end, and no pursuit starts; an abort ends it at once."""
    prepared, aborted = threading.Event(), threading.Event()

    def prepare(interruption: Interruption) -> TaskOrder[Stage]:
        interruption.on_interrupt(aborted.set)
        assert prepared.wait(WAIT)
        return TaskOrder("cup", SEED, STAGES)

    def wait_in_vain(interruption: Interruption) -> TaskOrder[Stage]:
        interruption.on_interrupt(aborted.set)
        assert aborted.wait(WAIT)
        raise TaskFailure(TaskCode.ABORTED, "while it waited")

    scene = Scene(prepare)
    scene.until(TaskState.PREFLIGHT)
    scene.run.pause()
    assert not aborted.is_set()
    prepared.set()
    assert scene.until(TaskState.PAUSED).sub_goal_name == "grasp"
    assert scene.attempts.empty()
    scene.close()
    assert aborted.is_set()
    aborted.clear()
    scene = Scene(wait_in_vain)
    scene.until(TaskState.PREFLIGHT)
    scene.run.abort("by request")
    assert scene.end() == TaskEnd(TaskCode.ABORTED, "by request")
    scene.close()


@given(requests=st.lists(st.sampled_from(["pause", "resume", "skip", "spend"]), max_size=12))
def test_any_order_of_requests(requests: list[str]) -> None:
    """No order of requests loses the task, or spends more than the budgets."""
    scene = Scene(lambda _: TaskOrder("cup", SEED, STAGES))
    scene.steps_when_interrupted = 1
    try:
        for request in requests:
            if request == "spend":
                if scene.run.progress.state is TaskState.RUNNING:
                    scene.finish(Outcome.BUDGET_SPENT, 1)
            else:
                getattr(scene.run, request)()
    finally:
        scene.run.abort("over")
    end = scene.end()
    assert end.code in (TaskCode.ABORTED, TaskCode.OK)
    assert end.steps <= 18
    scene.close()


def test_states_are_those_of_the_message() -> None:
    """The same numbers by the same names."""
    for state in TaskState:
        assert getattr(TaskStatus, state.name) == state.value
