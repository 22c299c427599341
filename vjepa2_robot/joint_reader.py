"""An arm to look at by its joints: nothing here can move it."""

from __future__ import annotations

import pinocchio as pin
from scipy.spatial.transform import Rotation

from vjepa2_robot.arm_driver import ArmError, ArmState, RobotMode, Vector
from vjepa2_robot.fr3 import FLANGE_TO_TCP, Fr3
from vjepa2_robot.joint_link import JointSample, MeasuredJoints
from vjepa2_robot.joint_settings import JointSettings
from vjepa2_robot.poses import compose, rotation


class JointReader:
    """States from measured joints; safe to use from any thread.

    frame: the model's end-effector frame, seen from the tool centre point.
    last_state: the last one that could be measured.
    """

    def __init__(self, joints: MeasuredJoints, settings: JointSettings | None = None) -> None:
        """Read the state once; ArmError when that fails."""
        self.settings = settings or JointSettings()
        self.arm = Fr3()
        self.frame = self.settings.end_effector.relative_to_tcp(FLANGE_TO_TCP)
        self._joints = joints
        self.last_state = self.state()

    def state(self, mode: RobotMode = RobotMode.IDLE) -> ArmState:
        """The arm now; ArmError when no measurements come any more."""
        sample = self._joints.newest()
        self.last_state = ArmState(
            pose=self.pose(sample.arm, self._closedness(sample)),
            joint_positions=sample.arm,
            gripper_width=sample.width,
            stamp=sample.received,
            mode=mode,
            simulated_stamp=sample.stamp,
        )
        return self.last_state

    def pose(self, positions: Vector, closedness: float) -> Vector:
        """Pose [7] of the model's frame for joint positions [7] rad."""
        tcp = self.arm.kinematics(positions)
        tool = compose(tcp.translation, Rotation.from_matrix(tcp.rotation), closedness)
        return self.frame.from_tcp(tool)

    def tcp(self, pose: Vector) -> pin.SE3:
        """Pose of the tool centre point that puts the model's frame at `pose` [7]."""
        tool = self.frame.to_tcp(pose)
        return pin.SE3(rotation(tool).as_matrix(), tool[:3])

    def mode(self) -> RobotMode:
        """IDLE, or DISCONNECTED when no measurements come any more."""
        try:
            return self.state().mode
        except ArmError:
            return RobotMode.DISCONNECTED

    def close(self) -> None:
        """Let go of the arm; safe to call twice."""
        self._joints.close()

    def _closedness(self, sample: JointSample) -> float:
        return self.settings.gripper.closedness(sample.width)
