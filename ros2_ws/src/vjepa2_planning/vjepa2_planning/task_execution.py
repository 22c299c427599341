"""What a task run does on the graph: checks, latents of goals, pursuits by the planner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from vjepa2_msgs.action import PursueGoal, RunTask
from vjepa2_msgs.msg import PursuitStep
from vjepa2_node.managed_node import ManagedNode
from vjepa2_planner import Outcome
from vjepa2_planner.task import Task
from vjepa2_planning.goal_encoder import GoalEncoder
from vjepa2_planning.goal_library import GoalLibrary
from vjepa2_planning.goal_view import GoalView
from vjepa2_planning.interruption import Interruption
from vjepa2_planning.live_inputs import LiveInputs
from vjepa2_planning.live_preflight import check_live
from vjepa2_planning.planner_client import PlannerClient
from vjepa2_planning.sequencer_parameters import preflight_settings
from vjepa2_planning.task_order import GoalStage, task_order
from vjepa2_planning.task_progress import Attempt, PursuitEnd, TaskOrder, TaskProgress
from vjepa2_planning.task_run import TaskRun


class TaskExecution:
    """The sequencer's access to camera, arm, world model and planner."""

    def __init__(self, node: ManagedNode, live: LiveInputs) -> None:
        self._node = node
        self._live = live
        self._encoder = GoalEncoder(node)
        self._planner = PlannerClient(node)

    def task_run(
        self,
        request: RunTask.Goal,
        tasks: Mapping[str, Task],
        goals: GoalLibrary,
        feedback: Callable[[RunTask.Feedback], None],
        changed: Callable[[TaskProgress], None],
    ) -> TaskRun[GoalStage]:
        """The run that a request asks for; nothing happens yet."""
        stall_window = request.stall_window or self._node.parameters["stall_window"]

        def prepare(interruption: Interruption) -> TaskOrder[GoalStage]:
            order = task_order(request, tasks, goals)
            self.check(interruption, [stage.goal for stage in order.stages])
            return order

        def pursue(stage: GoalStage, attempt: Attempt) -> PursuitEnd:
            return self._pursue(stage, attempt, stall_window, on_step)

        def on_step(step: PursuitStep) -> None:
            feedback(RunTask.Feedback(sub_goal=run.progress.sub_goal, step=step))
            run.stepped(step.energy)

        run = TaskRun(prepare, pursue, changed)
        return run

    def check(self, interruption: Interruption, goals: Sequence[GoalView] = ()) -> None:
        """The preflight, with goals or of camera and arm only; TaskFailure if it fails."""
        values = self._node.parameters.values()
        settings, wait = preflight_settings(values), values["preflight.wait"]
        check_live(self._live, goals, settings, wait, interruption)

    def abandon(self) -> None:
        """Wait for the planner no longer."""
        self._planner.abandon()

    def close(self) -> None:
        """Release the clients."""
        self._encoder.close()
        self._planner.close()

    def _pursue(
        self,
        stage: GoalStage,
        attempt: Attempt,
        stall_window: int,
        on_step: Callable[[PursuitStep], None],
    ) -> PursuitEnd:
        # Encoded anew each time: after a long pause the world model may no longer be the same.
        latent = self._encoder.encode(stage.goal, attempt.interruption)
        if latent is None:
            return PursuitEnd(Outcome.CANCELLED, 0, "cancelled while the goal was encoded")
        goal = PursueGoal.Goal(
            goal=latent,
            budget=attempt.steps,
            seed=attempt.seed,
            energy_threshold=stage.energy_threshold,
            stall_window=stall_window,
        )
        return self._planner.pursue(goal, attempt.interruption, on_step)
