"""The arm as the closed loop sees it, behind the Franka bridge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rclpy.clock import Clock
from std_msgs.msg import Header

from vjepa2_msgs.action import ExecuteDelta
from vjepa2_msgs.msg import MotionReport
from vjepa2_node import names
from vjepa2_node.calls import NoAnswerError, result_of
from vjepa2_node.stamps import to_seconds
from vjepa2_node.threaded_action_client import ThreadedActionClient
from vjepa2_planner import Outcome, PursuitFailure
from vjepa2_robot.arm_driver import MotionCode

ANSWER_TIMEOUT = 5.0  # s, for a command to be taken and for a cancellation to end
DISCOVERY_TIMEOUT = 10.0
"""s, for the bridge to be found: DDS repeats what was lost of its discovery every 3 s."""


@dataclass(frozen=True, eq=False)
class Pose:
    """pose: state [7] of the arm, see EndEffectorState."""

    pose: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Motion:
    """A `vjepa2_planner.arm.MotionResult` as reported by the bridge; stamps in ROS seconds."""

    report: MotionReport

    @property
    def code(self) -> MotionCode:
        return MotionCode(self.report.code.code)

    @property
    def message(self) -> str:
        return str(self.report.message)

    @property
    def end(self) -> Pose:
        return Pose(np.array(self.report.end))

    @property
    def motion_end_stamp(self) -> float:
        return to_seconds(self.report.motion_end_stamp)

    @property
    def seconds(self) -> float:
        return float(self.report.seconds)


@dataclass(frozen=True)
class BridgeArm:
    """A `vjepa2_planner.Arm` for worker threads: one ExecuteDelta for each command.

    motion_timeout: to the end of one motion [s]. cancelled: asked while a motion runs; once it is
    true, the bridge is asked to stop.
    """

    client: ThreadedActionClient
    clock: Clock
    base_frame: str
    motion_timeout: float
    cancelled: Callable[[], bool]

    def execute(self, delta: NDArray[np.float64], /, *, start: NDArray[np.float64]) -> Motion:
        """See `vjepa2_planner.Arm`; PursuitFailure ARM_SILENT where the bridge does not answer."""
        try:
            return Motion(self._execute(delta, start))
        except NoAnswerError as error:
            raise PursuitFailure(
                Outcome.ARM_SILENT, f"{error}; is the Franka bridge up and active?"
            ) from error

    def _execute(self, delta: NDArray[np.float64], start: NDArray[np.float64]) -> MotionReport:
        if not self.client.wait_for_server(DISCOVERY_TIMEOUT):
            raise NoAnswerError(f"no action server {names.EXECUTE_DELTA}")
        if self.cancelled():
            raise PursuitFailure(Outcome.CANCELLED, "cancelled before the motion was sent")
        now = self.clock.now()
        goal = ExecuteDelta.Goal(
            header=Header(stamp=now.to_msg(), frame_id=self.base_frame),
            # Time, so that it still rises after this node has been restarted.
            sequence=now.nanoseconds,
            delta=delta,
            has_start=True,
            start=start,
        )
        sent = self.client.send_goal_async(goal)
        try:
            handle = result_of(sent, ANSWER_TIMEOUT, "the Franka bridge")
        except NoAnswerError:
            # Taken after all, the command must not be carried out behind the pursuit's back.
            sent.add_done_callback(lambda late: late.result().cancel_goal_async())
            raise
        if not handle.accepted:
            raise NoAnswerError("the Franka bridge did not take the command")
        ended = handle.get_result_async()
        try:
            return result_of(
                ended, self.motion_timeout, "the motion", self.cancelled
            ).result.report
        except NoAnswerError:
            handle.cancel_goal_async()
            return result_of(
                ended, ANSWER_TIMEOUT, "the motion, which was cancelled,"
            ).result.report
