"""An arm that takes joint targets, as Gazebo's does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vjepa2_robot.arm_driver import (
    ArmError,
    ArmState,
    MotionCode,
    MotionResult,
    RobotMode,
    Vector,
)
from vjepa2_robot.arrival import joints_arrived, pose_arrived
from vjepa2_robot.fr3 import JOINT_ACCELERATION, JOINT_SPEED
from vjepa2_robot.gripper import Gripper
from vjepa2_robot.joint_hand import JointHand
from vjepa2_robot.joint_line import in_range, straight_line
from vjepa2_robot.joint_link import JointLink
from vjepa2_robot.joint_motion import SETTLE_TIMEOUT, follow, wait_until_still
from vjepa2_robot.joint_path import JointPath
from vjepa2_robot.joint_reader import JointReader
from vjepa2_robot.joint_settings import JointSettings
from vjepa2_robot.motion_slot import MotionSlot
from vjepa2_robot.poses import apply_delta, delta_between
from vjepa2_robot.refusal import RefusalError, closedness_in_range, finite_vector


@dataclass(frozen=True, eq=False)
class _Plan:
    """Where to: waypoints [N, 7] rad of the joints, the end's pose [7], the gripper.

    None, where that part stays.
    """

    waypoints: Vector | None = None
    pose: Vector | None = None
    closedness: float | None = None


class JointArm:
    """An `ArmDriver` on a `JointLink`: straight lines by inverse kinematics, led joint by joint.

    Targets out of reach or out of the joints' range are REFUSED_JOINTS before anything moves.
    There are no reflexes: a blocked arm is NOT_REACHED.
    """

    def __init__(self, link: JointLink, settings: JointSettings | None = None) -> None:
        """Read the arm once; ArmError when that fails."""
        self._settings = settings or JointSettings()
        self._link = link
        self._reader = JointReader(link, self._settings)
        self._gripper = Gripper(JointHand(link), self._settings.gripper)
        self._slot = MotionSlot()
        self._moving = self._closed = False
        self.limit_speed(self._settings.speed_factor, self._settings.acceleration_factor)

    def limit_speed(self, speed_factor: float, acceleration_factor: float) -> None:
        """Cap motions at these parts, in (0, 1], of the rated speed and acceleration."""
        self._speed = JOINT_SPEED * min(speed_factor, self._settings.speed_factor)
        self._acceleration = JOINT_ACCELERATION * min(
            acceleration_factor, self._settings.acceleration_factor
        )

    def state(self) -> ArmState:
        """Measure the arm now; ArmError when no measurements come any more."""
        return self._reader.state(RobotMode.MOVING if self._moving else RobotMode.IDLE)

    def execute(self, delta: ArrayLike) -> MotionResult:
        """Move by a delta [7] in the base frame and wait; the gripper follows its change."""

        def plan(state: ArmState) -> _Plan:
            wanted = finite_vector("delta", delta)
            target = apply_delta(state.pose, wanted)
            closedness = float(target[6]) if wanted[6] else None
            return _Plan(straight_line(self._reader, state, target), target, closedness)

        return self._carry_out(plan, requested=delta)

    def move_to(self, pose: ArrayLike) -> MotionResult:
        """Move in a straight line to a pose [7], gripper included, and wait."""

        def plan(state: ArmState) -> _Plan:
            wanted = finite_vector("pose", pose)
            closedness = closedness_in_range(float(wanted[6]))
            return _Plan(straight_line(self._reader, state, wanted), wanted, closedness)

        return self._carry_out(plan)

    def move_joints(self, positions: ArrayLike) -> MotionResult:
        """Move to joint positions [7] rad and wait; the gripper stays as it is."""

        def plan(state: ArmState) -> _Plan:
            wanted = in_range(finite_vector("joint positions", positions))
            return _Plan(np.stack([state.joint_positions, wanted]))

        return self._carry_out(plan)

    def set_gripper(self, closedness: float) -> MotionResult:
        """Drive the gripper to a closedness in [0, 1] and wait; the arm stays."""
        return self._carry_out(lambda _: _Plan(closedness=closedness_in_range(closedness)))

    def stop(self) -> None:
        """Brake the arm on its path. The fingers finish: stopping them may drop an object."""
        self._slot.interrupt()

    def recover(self) -> None:
        """Nothing to clear; ArmError when no measurements come any more."""
        self.state()

    def mode(self) -> RobotMode:
        """What the arm is able to do now; DISCONNECTED when no measurements come any more."""
        try:
            return self.state().mode
        except ArmError:
            return RobotMode.DISCONNECTED

    def close(self) -> None:
        """Stop and release the arm; safe to call twice."""
        if self._closed:
            return
        self.stop()
        self._slot.wait_free(timeout=5.0)
        self._closed = True
        self._gripper.close()
        self._reader.close()

    def _carry_out(
        self, plan: Callable[[ArmState], _Plan], requested: ArrayLike | None = None
    ) -> MotionResult:
        try:
            with self._slot:
                start = self.state()
                return self._perform(start, plan(start))
        except ArmError as error:
            return RefusalError(error.code, str(error)).result(requested, self._reader.last_state)
        except RefusalError as refusal:
            return refusal.result(requested, self._reader.last_state)

    def _perform(self, start: ArmState, plan: _Plan) -> MotionResult:
        fingers = None if plan.closedness is None else self._gripper.drive_to(plan.closedness)
        code, message = self._move_arm(plan)
        if fingers is not None:
            outcome = fingers.wait(self._slot.interrupted)
            if code is MotionCode.REACHED:
                code, message = outcome.code, outcome.message
        try:
            still = wait_until_still(self._link)
            end = self.state()
        except ArmError as error:
            code, message, end, still = error.code, str(error), self._reader.last_state, False
        if code is MotionCode.REACHED:
            code, message = self._arrival(plan, end) if still else _RESTLESS
        achieved = delta_between(start.pose, end.pose)
        requested = delta_between(start.pose, self._target(start, plan))
        return MotionResult(code, requested, achieved, start, end, end.stamp, message)

    def _move_arm(self, plan: _Plan) -> tuple[MotionCode, str]:
        if plan.waypoints is not None:
            path = JointPath.through(plan.waypoints, self._speed, self._acceleration)
            self._moving = True
            try:
                follow(self._link, path, self._slot.interrupted)
            except ArmError as error:
                return error.code, str(error)
            except TimeoutError as error:
                return MotionCode.MOTION_FAILED, str(error)
            finally:
                self._moving = False
        if self._slot.interrupted():
            return MotionCode.STOPPED, "the motion was stopped"
        return MotionCode.REACHED, ""

    def _target(self, start: ArmState, plan: _Plan) -> Vector:
        target = start.pose.copy()
        if plan.pose is not None:
            target[:6] = plan.pose[:6]
        elif plan.waypoints is not None:
            target = self._reader.pose(plan.waypoints[-1], float(start.pose[6]))
        if plan.closedness is not None:
            target[6] = plan.closedness
        return target

    def _arrival(self, plan: _Plan, end: ArmState) -> tuple[MotionCode, str]:
        distance = self._settings.translation_tolerance
        angle = self._settings.rotation_tolerance
        if plan.pose is not None:
            return pose_arrived(end.pose, plan.pose, distance, angle)
        if plan.waypoints is not None:
            return joints_arrived(end.joint_positions, plan.waypoints[-1], angle)
        return MotionCode.REACHED, ""


_RESTLESS = (
    MotionCode.NOT_REACHED,
    f"the arm still moved {SETTLE_TIMEOUT:g} s after the motion; find out what shakes it",
)
