"""The action `execute_delta`."""

from __future__ import annotations

from typing import Any

from rclpy.action import ActionServer, CancelResponse

from vjepa2_franka.cancellable_motion import CancellableMotion
from vjepa2_franka.commander import Commander
from vjepa2_franka.state_publisher import StatePublisher
from vjepa2_msgs.action import ExecuteDelta
from vjepa2_msgs.msg import EndEffectorState, MotionReport
from vjepa2_node import names
from vjepa2_node.commander_alive import SILENCE
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.stamps import to_monotonic, to_seconds
from vjepa2_robot.arm_driver import MotionCode, MotionResult
from vjepa2_robot.limited_arm import LimitedArm
from vjepa2_robot.refusal import RefusalError


class DeltaServer:
    """Carries out one delta for each goal, and shows the states on the way as feedback.

    Every goal is accepted, since only a result can say why nothing was done.
    """

    def __init__(self, node: ManagedNode, commander: Commander, states: StatePublisher) -> None:
        self._node = node
        self._commander = commander
        self._states = states
        self._motions: dict[bytes, CancellableMotion] = {}
        ActionServer(
            node,
            ExecuteDelta,
            names.EXECUTE_DELTA,
            self._on_goal,
            callback_group=node.waiting,
            cancel_callback=self._on_cancel,
        )

    def commander_silent(self) -> None:
        """Stop the delta that is being carried out, since whoever sent it may be gone."""
        arm, motions = self._commander.arm, list(self._motions.values())
        if arm is None or not motions:
            return
        self._node.get_logger().warning(
            f"a commander gave no sign of life for {SILENCE:g} s: the motion is stopped"
        )
        for motion in motions:
            self._stop(motion, arm)

    async def _on_goal(self, goal: Any) -> ExecuteDelta.Result:
        motion = self._motion_of(goal)
        try:
            report = await self._node.submit(lambda: self._carry_out(goal, motion))
            # Here and not on the worker: cancelling changes the goal's status on this thread too.
            self._end(goal, MotionCode(report.code.code))
        except Exception as error:
            # rclpy aborts a goal that was not ended.
            report = self._commander.failed(names.EXECUTE_DELTA, error, goal.request.delta)
        finally:
            del self._motions[bytes(goal.goal_id.uuid)]
        return ExecuteDelta.Result(report=report)

    def _end(self, goal: Any, code: MotionCode) -> None:
        if goal.is_cancel_requested and code is MotionCode.STOPPED:
            goal.canceled()
        elif code.ok:
            goal.succeed()
        else:
            goal.abort()

    def _on_cancel(self, goal: Any) -> CancelResponse:
        motion, arm = self._motion_of(goal), self._commander.arm
        if arm is not None:
            self._stop(motion, arm)
        return CancelResponse.ACCEPT

    def _stop(self, motion: CancellableMotion, arm: LimitedArm) -> None:
        self._node.submit(lambda: motion.cancel(arm.stop))

    def _motion_of(self, goal: Any) -> CancellableMotion:
        # A goal may be cancelled before it is carried out.
        return self._motions.setdefault(bytes(goal.goal_id.uuid), CancellableMotion())

    def _carry_out(self, goal: Any, motion: CancellableMotion) -> MotionReport:
        request = goal.request

        def show(state: EndEffectorState) -> None:
            goal.publish_feedback(ExecuteDelta.Feedback(state=state))

        with self._states.followed_by(show):
            return self._commander.move(
                names.EXECUTE_DELTA,
                lambda arm: motion.run(lambda: self._execute(arm, request)),
                request.delta,
            )

    def _execute(self, arm: LimitedArm, request: ExecuteDelta.Goal) -> MotionResult:
        base_frame = self._node.parameters["base_frame"]
        if request.header.frame_id not in ("", base_frame):
            raise RefusalError(
                MotionCode.REFUSED_FRAME,
                f"the delta is given in frame {request.header.frame_id!r}; give it in "
                f"{base_frame!r}",
            )
        issued = to_seconds(request.header.stamp)
        if issued == 0.0:
            raise RefusalError(
                MotionCode.REFUSED_STALE, "the command has no stamp; stamp it when it is issued"
            )
        return arm.execute(
            request.delta,
            issued=to_monotonic(self._node.get_clock(), issued),
            sequence=int(request.sequence),
            start=request.start if request.has_start else None,
        )
