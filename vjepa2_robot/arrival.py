"""Whether a motion ended where it was to end."""

from __future__ import annotations

import numpy as np

from vjepa2_robot.arm_driver import MotionCode, Vector
from vjepa2_robot.poses import delta_between, rotation_angle


def pose_arrived(
    pose: Vector, target: Vector, translation_tolerance: float, rotation_tolerance: float
) -> tuple[MotionCode, str]:
    """REACHED or NOT_REACHED with a message; poses [7], tolerances in m and rad."""
    distance, angle = _distance(pose, target)
    if distance <= translation_tolerance and angle <= rotation_tolerance:
        return MotionCode.REACHED, ""
    return (
        MotionCode.NOT_REACHED,
        f"the motion ended {distance:.4g} m and {angle:.4g} rad from its target",
    )


def joints_arrived(positions: Vector, target: Vector, tolerance: float) -> tuple[MotionCode, str]:
    """REACHED or NOT_REACHED with a message; joint positions [7] and tolerance in rad."""
    error = float(np.abs(positions - target).max())
    if error <= tolerance:
        return MotionCode.REACHED, ""
    return MotionCode.NOT_REACHED, f"a joint ended {error:.4g} rad from its target"


def is_there(pose: Vector, target: Vector) -> bool:
    """True when a pose [7] needs no motion to be at the target."""
    return max(_distance(pose, target)) < 1e-6


def _distance(pose: Vector, target: Vector) -> tuple[float, float]:
    left = delta_between(pose, target)
    return float(np.linalg.norm(left[:3])), rotation_angle(left)
