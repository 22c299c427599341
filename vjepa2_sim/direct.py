"""An arm driver that sets the simulated joints directly, for fast data collection."""

from __future__ import annotations

import time

import mujoco
import numpy as np
import pinocchio as pin
from franky_sim.constants import FRANKA_HAND_MAX_WIDTH
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from vjepa2_robot.arm_driver import ArmState, MotionCode, MotionResult, RobotMode
from vjepa2_robot.inverse_kinematics import UnreachableError, follow_line
from vjepa2_robot.poses import apply_delta, compose, delta_between, rotation
from vjepa2_robot.refusal import RefusalError, closedness_in_range, finite_vector
from vjepa2_sim.scene import TableScene

Vector = NDArray[np.float64]


class DirectDriver:
    """Moves the arm of a scene without dynamics: each motion is done at once and exactly.

    Implements `vjepa2_robot.arm_driver.ArmDriver`. Joint positions follow franky-sim's own
    Cartesian control (see `inverse_kinematics`). `model` and `data` are the simulation's, to
    render from.
    """

    def __init__(self, scene: TableScene | None = None) -> None:
        scene = TableScene() if scene is None else scene
        sim, self._robot = scene.build()
        sim.init()
        sim.start()
        assert sim.model is not None and sim.data is not None
        self.model: mujoco.MjModel = sim.model
        self.data: mujoco.MjData = sim.data
        self._home = np.array(scene.initial_joints, dtype=np.float64)
        self._arm = [self.model.joint(f"robot0_fr3_joint{i}").qposadr[0] for i in range(1, 8)]
        self._fingers = [self.model.joint(f"robot0_finger_joint{i}").qposadr[0] for i in (1, 2)]
        self.place(self._home, scene.initial_gripper_width)

    @property
    def joints(self) -> Vector:
        """Joint positions [7] rad."""
        return np.array(self.data.qpos[self._arm])

    @property
    def gripper_width(self) -> float:
        """Distance between the fingers [m]."""
        return float(self.data.qpos[self._fingers].sum())

    def place(self, joints: ArrayLike, gripper_width: float | None = None) -> None:
        """Put the arm at joint positions [7] rad, and the fingers at a width [m] if given."""
        self.data.qpos[self._arm] = joints
        if gripper_width is not None:
            self.data.qpos[self._fingers] = gripper_width / 2
        mujoco.mj_forward(self.model, self.data)

    def joints_at(self, pose: ArrayLike) -> Vector:
        """Joint positions [7] rad after a straight move to a pose [7]; nothing moves.

        Raises UnreachableError.
        """
        goal = np.asarray(pose, dtype=np.float64)
        target = pin.SE3(rotation(goal).as_matrix(), goal[:3])
        return follow_line(self._robot, self.joints, target)

    def home(self) -> None:
        """Put the arm back to where the scene starts it, gripper open."""
        self.place(self._home, FRANKA_HAND_MAX_WIDTH)

    def state(self) -> ArmState:
        """The arm now, exact."""
        joints = self.joints
        hand = self._robot.kinematics(joints)
        pose = compose(
            hand.translation,
            Rotation.from_matrix(hand.rotation),
            float(np.clip(1.0 - self.gripper_width / FRANKA_HAND_MAX_WIDTH, 0.0, 1.0)),
        )
        return ArmState(pose, joints, self.gripper_width, time.monotonic())

    def execute(self, delta: ArrayLike) -> MotionResult:
        """Move by a delta [7] in the base frame, gripper included."""
        start = self.state()
        try:
            goal = apply_delta(start.pose, finite_vector("delta", delta))
        except RefusalError as refusal:
            return refusal.result(delta, start)
        return self.move_to(goal)

    def move_to(self, pose: ArrayLike) -> MotionResult:
        """Move the hand in a straight line to a pose [7] in the base frame."""
        start = self.state()
        try:
            goal = finite_vector("pose", pose)
            width = self._width(goal[6])
        except RefusalError as refusal:
            return refusal.result(None, start)
        try:
            self.place(self.joints_at(goal), width)
        except UnreachableError as reason:
            return self._result(start, goal, MotionCode.NOT_REACHED, str(reason))
        return self._result(start, goal)

    def move_joints(self, positions: ArrayLike) -> MotionResult:
        """Put the arm at joint positions [7] rad."""
        start = self.state()
        try:
            self.place(finite_vector("joint positions", positions))
        except RefusalError as refusal:
            return refusal.result(None, start)
        return self._result(start, self.state().pose)

    def set_gripper(self, closedness: float) -> MotionResult:
        """Put the fingers at a closedness in [0, 1]."""
        start = self.state()
        try:
            self.place(start.joint_positions, self._width(closedness))
        except RefusalError as refusal:
            return refusal.result(None, start)
        return self._result(start, np.append(start.pose[:6], closedness))

    def stop(self) -> None:
        """Nothing to stop: a motion takes no time."""

    def recover(self) -> None:
        """Nothing to recover from: there are no reflexes."""

    def mode(self) -> RobotMode:
        """Always able to move."""
        return RobotMode.IDLE

    def close(self) -> None:
        """Nothing to release."""

    @staticmethod
    def _width(closedness: float) -> float:
        return float(FRANKA_HAND_MAX_WIDTH) * (1.0 - closedness_in_range(closedness))

    def _result(
        self,
        start: ArmState,
        goal: Vector,
        code: MotionCode = MotionCode.REACHED,
        message: str = "",
    ) -> MotionResult:
        end = self.state()
        return MotionResult(
            code=code,
            requested=delta_between(start.pose, goal),
            achieved=delta_between(start.pose, end.pose),
            start=start,
            end=end,
            motion_end_stamp=end.stamp,
            message=message,
        )
