"""What operators ask of an arm beyond single motions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vjepa2_robot.arm_driver import ArmError, MotionCode, MotionResult, RobotMode
from vjepa2_robot.limited_arm import LimitedArm


def move_home(arm: LimitedArm, joints: Sequence[float]) -> MotionResult:
    """Move to joint positions [7] rad, then open the gripper, as one result."""
    arrived = arm.move_joints(joints)
    if not arrived.code.ok:
        return arrived
    opened = arm.set_gripper(0.0)
    if opened.code.refused:
        # A refusal would say that nothing moved.
        return replace(
            arrived,
            code=MotionCode.GRIPPER_FAULT,
            message=f"the arm is at home, the gripper was not opened: {opened.message}",
        )
    return replace(
        opened,
        # The arm stands while the gripper opens, so the two add up.
        requested=arrived.requested + opened.requested,
        achieved=arrived.achieved + opened.achieved,
        start=arrived.start,
    )


def stop(arm: LimitedArm) -> tuple[MotionCode, str]:
    """Interrupt the motion in progress and let no delta begin until `recover`.

    STOPPED, or REACHED where nothing moved, with a sentence.
    """
    # First, so that no delta begins unseen in between.
    arm.halt()
    if not arm.moving:
        return MotionCode.REACHED, "nothing moved, and no delta is executed until recover"
    arm.stop()
    if arm.moving:
        return MotionCode.MOTION_FAILED, "the motion has not ended; use the stop button"
    return MotionCode.STOPPED, "the motion was stopped, and no delta is executed until recover"


def recover(arm: LimitedArm) -> tuple[MotionCode, str]:
    """Clear an error or a stop, or connect again: REACHED, or a code with a sentence."""
    try:
        arm.recover()
    except ArmError as error:
        return error.code, str(error)
    mode = arm.mode()
    if mode is RobotMode.IDLE:
        return MotionCode.REACHED, ""
    return (
        MotionCode.REFUSED_MODE,
        f"the arm is in mode {mode.name} and takes no commands; see to that in Desk",
    )
