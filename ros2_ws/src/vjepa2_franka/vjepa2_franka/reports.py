"""From states and results of an arm to messages, with stamps of the node's clock."""

from __future__ import annotations

import time

import numpy as np
from builtin_interfaces.msg import Time
from rclpy.clock import Clock
from sensor_msgs.msg import JointState
from std_msgs.msg import Header

from vjepa2_msgs.msg import EndEffectorState, MotionReport
from vjepa2_msgs.msg import MotionCode as MotionCodeMessage
from vjepa2_node.stamps import from_monotonic, to_time
from vjepa2_robot.arm_driver import ArmState, MotionResult, RobotMode


def unknown_state() -> ArmState:
    """The state of an arm that was never measured: NaN, stamped now."""
    nowhere = np.full(7, np.nan)
    return ArmState(nowhere, nowhere, float("nan"), time.monotonic(), RobotMode.DISCONNECTED)


def motion_report(clock: Clock, result: MotionResult) -> MotionReport:
    """What became of a command."""
    return MotionReport(
        code=MotionCodeMessage(code=int(result.code)),
        message=result.message,
        requested=result.requested,
        achieved=result.achieved,
        start=result.start.pose,
        end=result.end.pose,
        motion_end_stamp=_ros_time(clock, result.motion_end_stamp, result.end.simulated_stamp),
        seconds=result.seconds,
    )


def end_effector_state(clock: Clock, base_frame: str, state: ArmState) -> EndEffectorState:
    """The state of the end effector."""
    return EndEffectorState(
        header=_header(clock, base_frame, state),
        state=state.pose,
        gripper_width=state.gripper_width,
        mode=int(state.mode),
    )


def joint_state(clock: Clock, base_frame: str, prefix: str, state: ArmState) -> JointState:
    """Positions of the seven joints [rad] and the two fingers [m]."""
    finger = state.gripper_width / 2
    return JointState(
        header=_header(clock, base_frame, state),
        name=[
            *(f"{prefix}_joint{number}" for number in range(1, 8)),
            *(f"{prefix}_finger_joint{number}" for number in (1, 2)),
        ],
        position=[*state.joint_positions.tolist(), finger, finger],
    )


def _header(clock: Clock, frame: str, state: ArmState) -> Header:
    return Header(stamp=_ros_time(clock, state.stamp, state.simulated_stamp), frame_id=frame)


def _ros_time(clock: Clock, monotonic: float, simulated: float | None) -> Time:
    """Simulated time as it is: `/clock` comes in steps, and from it stamps would go back."""
    if clock.ros_time_is_active and simulated is not None:
        return to_time(simulated)
    return to_time(from_monotonic(clock, monotonic))
