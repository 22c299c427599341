"""Joint positions along a straight line of the end effector."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from vjepa2_robot.arm_driver import ArmState, MotionCode, Vector
from vjepa2_robot.fr3 import JOINT_LOWER, JOINT_UPPER
from vjepa2_robot.inverse_kinematics import UnreachableError, follow_line
from vjepa2_robot.joint_reader import JointReader
from vjepa2_robot.poses import compose, delta_between, rotation
from vjepa2_robot.refusal import RefusalError

_SPACING_M, _SPACING_RAD = 0.01, 0.05


def straight_line(reader: JointReader, start: ArmState, target: Vector) -> Vector:
    """Waypoints [N >= 2, 7] rad from `start` to a pose [7], by inverse kinematics.

    Raises RefusalError with REFUSED_JOINTS where the line leads out of reach, or out of the
    joints' range.
    """
    change = delta_between(start.pose, target)
    turn = rotation(change).as_rotvec()
    parts = max(np.linalg.norm(change[:3]) / _SPACING_M, np.linalg.norm(turn) / _SPACING_RAD)
    waypoints = [start.joint_positions]
    for share in np.linspace(0.0, 1.0, 2 + int(parts))[1:]:
        turned = Rotation.from_rotvec(share * turn) * rotation(start.pose)
        point = compose(start.pose[:3] + share * change[:3], turned, 0.0)
        try:
            waypoints.append(follow_line(reader.arm, waypoints[-1], reader.tcp(point)))
        except UnreachableError as error:
            raise RefusalError(MotionCode.REFUSED_JOINTS, str(error)) from error
        in_range(waypoints[-1])
    return np.stack(waypoints)


def in_range(positions: Vector) -> Vector:
    """Joint positions [7] rad as they are; RefusalError with REFUSED_JOINTS out of range."""
    out = (positions < JOINT_LOWER) | (positions > JOINT_UPPER)
    if out.any():
        joints = ", ".join(str(number) for number in np.flatnonzero(out) + 1)
        raise RefusalError(
            MotionCode.REFUSED_JOINTS,
            f"the way leads to {np.round(positions, 4).tolist()} rad, out of the range of joint "
            f"{joints}",
        )
    return positions
