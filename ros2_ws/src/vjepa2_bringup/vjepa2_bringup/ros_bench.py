"""The test bench through ROS 2: the whole stack as processes of its own, and a client of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node

from vjepa2_bringup.node_table import Arguments
from vjepa2_bringup.runner import Stack
from vjepa2_bringup.spinning_node import spinning_node
from vjepa2_msgs.action import RunTask
from vjepa2_msgs.msg import Goal, PursuitStep
from vjepa2_msgs.srv import Recover, RenderView, ScoreTrial, SetUpTrial
from vjepa2_node import names
from vjepa2_node.calls import call, result_of
from vjepa2_node.images import to_array
from vjepa2_node.threaded_action_client import ThreadedActionClient
from vjepa2_planner import Outcome, Timing
from vjepa2_sim.frame import ObjectState
from vjepa2_sim.own_address import own_address
from vjepa2_sim.reach_attempt import Attempt, OnLook, scored
from vjepa2_sim.task_attempt import OnStep, TaskAttempt, TaskStep, task_step
from vjepa2_sim.task_success import cause_of
from vjepa2_sim.task_trial import SubGoalPose, TaskTrial

ANSWER_TIMEOUT = 30.0  # s
STEP_TIMEOUT = 90.0  # s


@dataclass(frozen=True)
class RemoteStep:
    """A step as the planner's feedback tells of it, for people to look at."""

    message: PursuitStep

    @property
    def index(self) -> int:
        return int(self.message.index)

    @property
    def energy(self) -> float:
        return float(self.message.energy)

    @property
    def planning_seconds(self) -> float:
        return float(self.message.encoding_seconds + self.message.planning_seconds)

    @property
    def timing(self) -> Timing:
        """Where its time went."""
        m = self.message
        parts = (m.waiting_seconds, m.encoding_seconds, m.planning_seconds, m.motion_seconds)
        return Timing(*parts, total=sum(parts) + m.overhead_seconds)


class RosBench:
    """A client of a running stack that sets up trials, has them run, and scores them.

    node: spins, for those who want to hear more of the graph. stack: for those who watch it.
    """

    def __init__(self, node: Node, stack: Stack) -> None:
        self.node = node
        self.stack = stack
        self._tasks = ThreadedActionClient(node, RunTask, names.RUN_TASK)

    def set_up_reach(self, seed: int) -> tuple[Goal, float]:
        """Put the scene at the start of a trial; its goal, and the distance from it [m]."""
        self._call(Recover, names.RECOVER, Recover.Request())
        trial = self._call(
            SetUpTrial, names.SET_UP_TRIAL, SetUpTrial.Request(task="reach", seed=seed)
        )
        return trial.goals[-1], float(trial.distance)

    def attempt_task(
        self, trial: TaskTrial, size: int = 0, on_step: OnStep = lambda step: None
    ) -> TaskAttempt:
        """Plays a task with an object; see `vjepa2_sim.task_attempt.attempt_task`.

        size: edge of the goal images, 0 for that of the camera.
        """
        self._call(Recover, names.RECOVER, Recover.Request())
        request = SetUpTrial.Request(
            task=trial.task, object=trial.object, seed=trial.seed, goal_size=size
        )
        start = self._call(SetUpTrial, names.SET_UP_TRIAL, request)
        states, steps = [self._thing()], list[TaskStep]()
        on_step(None)

        def on_feedback(sub_goal: int, message: PursuitStep) -> None:
            states.append(self._thing())
            steps.append(_task_step(trial.sub_goals[sub_goal], message, states[-1]))
            on_step(steps[-1])

        result = self._run(start.goals, list(start.budgets), trial.seed, on_feedback)
        outcome, reason = _ending(result)
        cause = cause_of(trial, states, outcome.fault)
        return TaskAttempt(
            trial.task, trial.object, trial.seed, cause, tuple(steps), outcome, reason
        )

    def picture(self, size: int) -> NDArray[np.uint8]:
        """What the camera sees now, uint8 [size, size, 3], for people."""
        answer = self._call(RenderView, names.RENDER_VIEW, RenderView.Request(size=size))
        return to_array(answer.image)

    def attempt_reach(
        self, seed: int, budget: int, on_look: OnLook = lambda step, distance_m: None
    ) -> Attempt:
        """Plays a reach trial as a task of one goal; see `vjepa2_sim.reach_attempt`."""
        goal, distance = self.set_up_reach(seed)
        distances, energies, timings = [distance], [], []
        on_look(None, distance)
        position = np.array(goal.state[:3])

        def on_step(sub_goal: int, message: PursuitStep) -> None:
            step = RemoteStep(message)
            distances.append(float(np.linalg.norm(np.array(message.motion.end[:3]) - position)))
            energies.append(step.energy)
            timings.append(step.timing)
            on_look(step, distances[-1])

        result = self._run([goal], [budget], seed, on_step)
        # The robot's own word for the way, the simulator's for the end.
        distances[-1] = float(
            self._call(ScoreTrial, names.SCORE_TRIAL, ScoreTrial.Request()).distance
        )
        outcome, reason = _ending(result)
        return scored(seed, distances, [*energies, float(result.energy)], timings, outcome, reason)

    def _run(
        self,
        goals: Sequence[Goal],
        budgets: Sequence[int],
        seed: int,
        on_step: Callable[[int, PursuitStep], None],
    ) -> RunTask.Result:
        if not self._tasks.wait_for_server(ANSWER_TIMEOUT):
            raise RuntimeError("the sequencer offers no action run_task")
        # Steps are handed over, since what is done with one may ask the graph for more.
        events: SimpleQueue[Any] = SimpleQueue()
        task = RunTask.Goal(goal_images=goals, budgets=budgets, seed=seed)
        sent = self._tasks.send_goal_async(task, lambda m: events.put(m.feedback))
        handle = result_of(sent, ANSWER_TIMEOUT, "the sequencer")
        done = handle.get_result_async()
        done.add_done_callback(lambda _: events.put(None))
        try:
            while (feedback := self._next(events)) is not None:
                on_step(int(feedback.sub_goal), feedback.step)
        except BaseException:
            handle.cancel_goal_async()
            raise
        return done.result().result

    def _next(self, events: SimpleQueue[Any]) -> Any:
        for _ in range(int(STEP_TIMEOUT)):
            try:
                return events.get(timeout=1.0)
            except Empty:
                self.stack.check()
        raise RuntimeError(f"no step of the task ended within {STEP_TIMEOUT:g} s")

    def _thing(self) -> ObjectState:
        """The object as the simulator has it now."""
        score = self._call(ScoreTrial, names.SCORE_TRIAL, ScoreTrial.Request())
        return ObjectState(np.array(score.object_position), bool(score.touched), bool(score.held))

    def _call(self, kind: Any, name: str, request: Any) -> Any:
        client = self.node.create_client(kind, name)
        try:
            answer = call(client, request, ANSWER_TIMEOUT)
        finally:
            self.node.destroy_client(client)
        if not getattr(answer, "success", True):
            raise RuntimeError(f"{name}: {answer.message}")
        return answer


def _ending(result: RunTask.Result) -> tuple[Outcome, str]:
    """Of the last pursuit; what the sequencer refused counts as a fault."""
    outcome, reason = Outcome(result.outcome.outcome), str(result.outcome.message)
    if result.code.code and not outcome.fault:
        return Outcome.BAD_REQUEST, str(result.message)
    return outcome, reason


def _task_step(sub_goal: SubGoalPose, message: PursuitStep, thing: ObjectState) -> TaskStep:
    step, end = RemoteStep(message), np.array(message.motion.end)
    return task_step(sub_goal, end, thing, step.energy, step.timing)


@contextmanager
def open_ros_bench(
    *,
    model: str = "bundled",
    preset: str = "demo_sim",
    composed: bool = True,
    record: str = "",
    log_folder: Path | None = None,
    on_progress: Callable[[str], None] = lambda line: None,
) -> Iterator[RosBench]:
    """A stack of its own, apart from any other on this machine; all of it is gone afterwards.

    record: folder that tasks are recorded to; none where it is empty.
    log_folder: keeps what the nodes say; a temporary one by default.
    """
    domain = own_domain()
    arguments = Arguments(
        backend="franky_sim",
        preset=preset,
        model=model,
        composed=composed,
        record=record,
        robot_address=own_address(),
    )
    with tempfile.TemporaryDirectory(prefix="vjepa2-") as temporary:
        folder = log_folder or Path(temporary)
        with (
            Stack(arguments, log_folder=folder, domain=domain, on_progress=on_progress) as stack,
            spinning_node("bench", domain=domain) as node,
        ):
            yield RosBench(node, stack)


def own_domain() -> int:
    """ROS_DOMAIN_ID as the user has set it, else one by process id: stacks do not meet."""
    return int(os.environ.get("ROS_DOMAIN_ID") or 1 + os.getpid() % 100)
