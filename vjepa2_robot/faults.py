"""From franky's exceptions to codes."""

from __future__ import annotations

import franky

from vjepa2_robot.arm_driver import MotionCode, RobotMode

MODES = {
    franky.RobotMode.Idle: RobotMode.IDLE,
    franky.RobotMode.Move: RobotMode.MOVING,
    franky.RobotMode.Reflex: RobotMode.REFLEX,
    franky.RobotMode.UserStopped: RobotMode.USER_STOPPED,
    franky.RobotMode.Guiding: RobotMode.GUIDING,
    franky.RobotMode.AutomaticErrorRecovery: RobotMode.RECOVERING,
}

MODE_CODES = {
    RobotMode.REFLEX: MotionCode.REFLEX,
    RobotMode.USER_STOPPED: MotionCode.STOPPED,
}
"""Modes that end a motion, whatever else was reported."""


def code_of(error: Exception, mode: RobotMode, interrupted: bool) -> MotionCode:
    """Code of a motion that ended with `error`, given the arm's mode after it.

    The mode counts before the exception: libfranka reports a stop button, a reflex and a
    preempted motion by the same exception type.
    """
    if mode is RobotMode.DISCONNECTED or isinstance(error, franky.NetworkException):
        return MotionCode.CONNECTION_LOST
    if mode in MODE_CODES:
        return MODE_CODES[mode]
    if "reflex" in str(error).lower():
        return MotionCode.REFLEX
    if interrupted or "preempted" in str(error):
        return MotionCode.STOPPED
    return MotionCode.MOTION_FAILED
