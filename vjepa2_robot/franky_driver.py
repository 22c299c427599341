"""A Franka arm through franky: a real one, or franky-sim behind the same network protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import franky
from numpy.typing import ArrayLike

from vjepa2_robot.arm_driver import (
    ArmError,
    ArmState,
    MotionCode,
    MotionResult,
    RobotMode,
    Vector,
)
from vjepa2_robot.arrival import is_there, joints_arrived, pose_arrived
from vjepa2_robot.connection import open_gripper, open_robot
from vjepa2_robot.faults import MODE_CODES, code_of
from vjepa2_robot.franky_reader import FrankyReader
from vjepa2_robot.franky_settings import FrankySettings
from vjepa2_robot.gripper import Gripper, Hand
from vjepa2_robot.motion_modes import run_to_end
from vjepa2_robot.motion_slot import MotionSlot
from vjepa2_robot.poses import apply_delta, delta_between, rotation
from vjepa2_robot.refusal import RefusalError, closedness_in_range, finite_vector
from vjepa2_robot.settling import TIMEOUT, wait_until_still


@dataclass(frozen=True)
class _Plan:
    """What is to move: the end effector to a pose [7], the joints, the gripper, or two of them."""

    pose: Vector | None = None
    joints: Vector | None = None
    closedness: float | None = None


class FrankyArm:
    """An `ArmDriver` on franky. Motions block; `stop`, `state` and `mode` work from any thread."""

    def __init__(
        self, host: str, settings: FrankySettings | None = None, hand: Hand | None = None
    ) -> None:
        """Connect to the control box at `host`; `hand` replaces the Franka Hand at that address.

        Raises ArmError, within seconds, when the arm or its hand cannot be reached.
        """
        self._host = host
        self._settings = settings or FrankySettings()
        timeout = self._settings.connect_timeout
        self._robot = open_robot(host, timeout, self._settings.realtime)
        self._gripper = Gripper(hand or open_gripper(host, timeout), self._settings.gripper)
        self._robot.set_collision_behavior(
            self._settings.torque_threshold, self._settings.force_threshold
        )
        self._reader = FrankyReader(host, self._settings, self._robot, self._gripper.reader)
        self._closed = False
        self._slot = MotionSlot()
        self.limit_speed(self._settings.speed_factor, self._settings.acceleration_factor)

    def limit_speed(self, speed_factor: float, acceleration_factor: float) -> None:
        """Cap motions at these parts, in (0, 1], of the rated speed and acceleration."""
        speed = min(speed_factor, self._settings.speed_factor)
        acceleration = min(acceleration_factor, self._settings.acceleration_factor)
        self._robot.relative_dynamics_factor = franky.RelativeDynamicsFactor(
            speed, acceleration, acceleration
        )

    def state(self) -> ArmState:
        """Measure the arm now; ArmError when it is closed or the connection is lost."""
        return self._reader.state()

    def execute(self, delta: ArrayLike) -> MotionResult:
        """Move by a delta [7] in the base frame and wait; the gripper follows its change."""

        def plan(state: ArmState) -> _Plan:
            wanted = finite_vector("delta", delta)
            target = apply_delta(state.pose, wanted)
            return _Plan(pose=target, closedness=float(target[6]) if wanted[6] else None)

        return self._carry_out(plan, requested=delta)

    def move_to(self, pose: ArrayLike) -> MotionResult:
        """Move to an absolute pose [7], gripper included, and wait."""

        def plan(state: ArmState) -> _Plan:
            wanted = finite_vector("pose", pose)
            return _Plan(pose=wanted, closedness=closedness_in_range(float(wanted[6])))

        return self._carry_out(plan)

    def move_joints(self, positions: ArrayLike) -> MotionResult:
        """Move to joint positions [7] rad and wait; the gripper stays as it is."""
        return self._carry_out(lambda _: _Plan(joints=finite_vector("joint positions", positions)))

    def set_gripper(self, closedness: float) -> MotionResult:
        """Drive the gripper to a closedness in [0, 1] and wait; the arm stays."""
        return self._carry_out(lambda _: _Plan(closedness=closedness_in_range(closedness)))

    def stop(self) -> None:
        """Interrupt the arm's motion. The fingers finish: stopping them may drop an object."""
        self._slot.interrupt()

    def recover(self) -> None:
        """Clear a reflex or error; ArmError when the arm does not come out of it."""
        try:
            self._robot.recover_from_errors()
        except Exception as error:
            raise ArmError(f"the arm at {self._host} did not recover: {error}") from error
        mode = self.mode()
        if mode is RobotMode.REFLEX:
            raise ArmError(
                f"the arm at {self._host} is still in reflex; free it by hand, then recover",
                MotionCode.REFLEX,
            )

    def mode(self) -> RobotMode:
        """What the arm is able to do now; DISCONNECTED when it cannot be asked."""
        return self._reader.mode()

    def close(self) -> None:
        """Stop and release the connection; safe to call twice."""
        if self._closed:
            return
        self.stop()
        self._slot.wait_free(timeout=5.0)
        self._closed = True
        self._gripper.close()
        self._reader.close()
        # franky hangs up when its objects are gone.
        del self._robot

    def _carry_out(
        self, plan: Callable[[ArmState], _Plan], requested: ArrayLike | None = None
    ) -> MotionResult:
        try:
            with self._slot:
                start = self.state()
                finite_vector("the measured pose", start.pose)
                return self._perform(start, plan(start))
        except ArmError as error:
            return RefusalError(error.code, str(error)).result(requested, self._reader.last_state)
        except RefusalError as refusal:
            return refusal.result(requested, self._reader.last_state)

    def _perform(self, start: ArmState, plan: _Plan) -> MotionResult:
        fingers = None if plan.closedness is None else self._gripper.drive_to(plan.closedness)
        code, message = self._move_arm(start, plan)
        if fingers is not None:
            outcome = fingers.wait(self._slot.interrupted)
            if code is MotionCode.REACHED:
                code, message = outcome.code, outcome.message
        try:
            still = wait_until_still(self._reader.measure)
            end = self.state()
        except ArmError as error:
            code, message, end, still = error.code, str(error), self._reader.last_state, False
        # franky's impedance tracker swallows the error of a motion that the arm itself ended.
        if end.mode in MODE_CODES:
            code = MODE_CODES[end.mode]
            message = message or f"the arm went to {end.mode.name} during the motion"
        if code is MotionCode.REACHED:
            code, message = self._arrival(plan, end) if still else _RESTLESS
        achieved = delta_between(start.pose, end.pose)
        target = end.pose.copy() if plan.joints is not None else start.pose.copy()
        if plan.pose is not None:
            target[:6] = plan.pose[:6]
        if plan.closedness is not None:
            target[6] = plan.closedness
        requested = delta_between(start.pose, target)
        return MotionResult(code, requested, achieved, start, end, end.stamp, message)

    def _move_arm(self, start: ArmState, plan: _Plan) -> tuple[MotionCode, str]:
        try:
            if plan.joints is not None:
                run_to_end(self._robot, franky.JointMotion(plan.joints), self._slot.interrupted)
            elif plan.pose is not None and not is_there(start.pose, plan.pose):
                tool = self._reader.frame.to_tcp(plan.pose)
                target = franky.Affine(tool[:3], rotation(tool).as_quat())
                self._settings.motion.run(self._robot, target, self._slot.interrupted)
        except Exception as error:
            code = code_of(error, self.mode(), self._slot.interrupted())
            return code, f"the motion ended early: {error}"
        if self._slot.interrupted():
            return MotionCode.STOPPED, "the motion was stopped"
        return MotionCode.REACHED, ""

    def _arrival(self, plan: _Plan, end: ArmState) -> tuple[MotionCode, str]:
        distance = self._settings.translation_tolerance
        angle = self._settings.rotation_tolerance
        if plan.joints is not None:
            return joints_arrived(end.joint_positions, plan.joints, angle)
        if plan.pose is not None:
            return pose_arrived(end.pose, plan.pose, distance, angle)
        return MotionCode.REACHED, ""


_RESTLESS = (
    MotionCode.NOT_REACHED,
    f"the arm still moved {TIMEOUT:g} s after the motion; find out what shakes it",
)
