"""Kinematics of a Franka Research 3 with the Franka Hand, by Pinocchio."""

from __future__ import annotations

import math

import numpy as np
import pinocchio as pin
from numpy.typing import ArrayLike, NDArray

from vjepa2_robot.arm_driver import Vector

JOINTS = tuple(f"fr3_joint{number}" for number in range(1, 8))
FINGERS = tuple(f"fr3_finger_joint{number}" for number in (1, 2))

JOINT_LOWER: Vector = np.array([-2.7437, -1.7837, -2.9007, -3.0421, -2.8065, 0.5445, -3.0159])
JOINT_UPPER: Vector = np.array([2.7437, 1.7837, 2.9007, -0.1518, 2.8065, 4.5169, 3.0159])
"""Range of the joints [rad]."""
JOINT_SPEED: Vector = np.array([2.62, 2.62, 2.62, 2.62, 5.26, 4.18, 5.26])
"""Rated speed of the joints [rad/s]."""
JOINT_ACCELERATION: Vector = np.full(7, 10.0)
"""Rated acceleration of the joints [rad/s^2]."""

# Of each joint seen from the one before: roll [rad] and place [m]. The joint turns about its z.
_PLACEMENTS = (
    (0.0, (0.0, 0.0, 0.333)),
    (-math.pi / 2, (0.0, 0.0, 0.0)),
    (math.pi / 2, (0.0, -0.316, 0.0)),
    (math.pi / 2, (0.0825, 0.0, 0.0)),
    (-math.pi / 2, (-0.0825, 0.384, 0.0)),
    (math.pi / 2, (0.0, 0.0, 0.0)),
    (math.pi / 2, (0.088, 0.0, 0.0)),
)
_JOINT_TO_FLANGE = pin.SE3(np.eye(3), np.array([0.0, 0.0, 0.107]))
_FLANGE_TO_TCP = pin.SE3(pin.rpy.rpyToMatrix(0.0, 0.0, -math.pi / 4), np.array([0.0, 0.0, 0.1034]))

FLANGE_TO_TCP: NDArray[np.float64] = _FLANGE_TO_TCP.homogeneous
"""Pose [4, 4] of the hand's tool centre point, between the fingertips, on the flange."""


class Fr3:
    """Where the tool centre point is for joint positions; safe to use from any thread.

    Lengths and limits are those of the manufacturer's data sheet and robot description.
    """

    def __init__(self) -> None:
        self._model = pin.Model()
        joint = 0
        for name, (roll, place) in zip(JOINTS, _PLACEMENTS, strict=True):
            seen = pin.SE3(pin.rpy.rpyToMatrix(roll, 0.0, 0.0), np.array(place))
            joint = self._model.addJoint(joint, pin.JointModelRZ(), seen, name)
        tcp = pin.Frame("tcp", joint, _JOINT_TO_FLANGE * _FLANGE_TO_TCP, pin.FrameType.OP_FRAME)
        self._tcp = self._model.addFrame(tcp)

    def kinematics(self, q: ArrayLike) -> pin.SE3:
        """Pose of the tool centre point in the base frame for joint positions [7] rad."""
        data = self._model.createData()
        pin.forwardKinematics(self._model, data, np.asarray(q, dtype=np.float64))
        return pin.updateFramePlacement(self._model, data, self._tcp).copy()

    def d_kinematics(self, q: ArrayLike, dq: ArrayLike) -> Vector:
        """Its twist [6] (linear, angular; base frame) for joint velocities [7] rad/s.

        Joint velocities [7, N] give twists [6, N].
        """
        jacobian = pin.computeFrameJacobian(
            self._model,
            self._model.createData(),
            np.asarray(q, dtype=np.float64),
            self._tcp,
            pin.ReferenceFrame.LOCAL_WORLD_ALIGNED,
        )
        twist: Vector = jacobian @ np.asarray(dq, dtype=np.float64)
        return twist
