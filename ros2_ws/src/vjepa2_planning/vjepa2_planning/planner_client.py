"""Pursuits by the planner node, from a worker thread."""

from __future__ import annotations

import time
from collections.abc import Callable

from vjepa2_msgs.action import PursueGoal
from vjepa2_msgs.msg import PursuitStep
from vjepa2_node import names
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.threaded_action_client import ThreadedActionClient
from vjepa2_planner import Outcome
from vjepa2_planner.task_code import TaskCode
from vjepa2_planning.action_call import ActionCall, Ended
from vjepa2_planning.interruption import Interruption
from vjepa2_planning.task_progress import PursuitEnd, TaskFailure

LOOK_AGAIN = 1.0
"""Seconds without news after which it is seen to that the planner still exists."""

GONE = 0.5
"""Seconds for which it is not to be seen when it counts as gone."""


class PlannerClient:
    """One pursuit at a time.

    Uses the node's parameters `server_wait`, `planner_timeout` and `stop_timeout`.
    """

    def __init__(self, node: ManagedNode) -> None:
        self._node = node
        self._call: ActionCall | None = None
        self._abandoned = False
        self._client = ThreadedActionClient(
            node, PursueGoal, names.PURSUE_GOAL, callback_group=node.waiting
        )

    def pursue(
        self,
        goal: PursueGoal.Goal,
        interruption: Interruption,
        on_step: Callable[[PursuitStep], None],
    ) -> PursuitEnd:
        """Pursue to the end, or to an early one on `interruption`; TaskFailure PLANNER_LOST.

        Whatever is raised, by `on_step` too, the planner has been asked to end.
        """
        wait = self._node.parameters["server_wait"]
        if not self._client.wait_for_server(wait):
            raise _lost(f"there is no action server {names.PURSUE_GOAL}; is the planner up?")
        if interruption.happened:
            return PursuitEnd(Outcome.CANCELLED, 0, "cancelled before the planner was asked")
        call = self._call = ActionCall(self._client, goal)
        try:
            interruption.on_interrupt(call.cancel)
            ended = self._follow(call, interruption, on_step)
        except BaseException:
            # Nobody would follow it any more, and the arm would go on.
            call.cancel()
            raise
        return _end(ended.result)

    def abandon(self) -> None:
        """Wait no longer; a pursuit in progress should have been interrupted before."""
        self._abandoned = True
        if self._call is not None:
            self._call.wake()

    def close(self) -> None:
        """Release the client."""
        self._client.destroy()

    def _follow(
        self,
        call: ActionCall,
        interruption: Interruption,
        on_step: Callable[[PursuitStep], None],
    ) -> Ended:
        timeout = self._node.parameters["planner_timeout"]
        deadline, stopping = time.monotonic() + timeout, False
        while True:
            news = call.next(min(LOOK_AGAIN, max(deadline - time.monotonic(), 0.0)))
            if isinstance(news, Ended):
                return news
            if self._abandoned:
                raise _lost("the sequencer was closed before the planner had ended")
            if interruption.happened and not stopping:
                stopping, timeout = True, self._node.parameters["stop_timeout"]
                deadline = time.monotonic() + timeout
            if news is not None:
                on_step(news.step)
                if not stopping:
                    deadline = time.monotonic() + timeout
            elif time.monotonic() >= deadline:
                raise _lost(f"the planner sent nothing for {timeout:g} s")
            elif not self._client.wait_for_server(GONE):
                raise _lost("the planner is gone; start it again, and see what its log says")


def _end(result: PursueGoal.Result | None) -> PursuitEnd:
    if result is None:
        raise _lost("the planner did not take the goal")
    said = result.outcome
    outcome = Outcome(said.outcome) if said.outcome in list(Outcome) else Outcome.UNKNOWN
    if outcome is Outcome.UNKNOWN:
        raise _lost(f"the planner ended without saying how (outcome {said.outcome}); see its log")
    return PursuitEnd(outcome, result.steps, said.message, said.detail, result.energy)


def _lost(sentence: str) -> TaskFailure:
    return TaskFailure(TaskCode.PLANNER_LOST, sentence)
