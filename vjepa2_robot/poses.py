"""Pose algebra on single 7-vectors: x y z [m], extrinsic xyz Euler angles [rad], closedness."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.transform import Rotation

from vjepa2_robot.arm_driver import Vector


def rotation(pose: ArrayLike) -> Rotation:
    """Rotation part of a pose or delta [7] (or its first six numbers)."""
    return Rotation.from_euler("xyz", np.asarray(pose, dtype=np.float64)[3:6])


def compose(translation: ArrayLike, orientation: Rotation, closedness: float) -> Vector:
    """Build a 7-vector from its parts."""
    # At gimbal lock scipy picks one of the equivalent triples and warns; any of them will do.
    angles = orientation.as_euler("xyz", suppress_warnings=True)
    return np.concatenate([np.asarray(translation, dtype=np.float64), angles, [closedness]])


def apply_delta(pose: ArrayLike, delta: ArrayLike) -> Vector:
    """Pose [7] after a delta [7].

    Translation is added in the base frame, the rotation is applied on the left
    (R1 = dR R0), closedness is added and clipped to [0, 1] (paper, section 3.1 and B.1).
    """
    start = np.asarray(pose, dtype=np.float64)
    change = np.asarray(delta, dtype=np.float64)
    return compose(
        start[:3] + change[:3],
        rotation(change) * rotation(start),
        float(np.clip(start[6] + change[6], 0.0, 1.0)),
    )


def delta_between(start: ArrayLike, end: ArrayLike) -> Vector:
    """Delta [7] that leads from one pose [7] to another: dR = R1 R0^T, other parts subtract."""
    first = np.asarray(start, dtype=np.float64)
    last = np.asarray(end, dtype=np.float64)
    turn = rotation(last) * rotation(first).inv()
    return compose(last[:3] - first[:3], turn, float(last[6] - first[6]))


def rotation_angle(delta: ArrayLike) -> float:
    """Angle of a delta's rotation [rad], 0 to pi."""
    return float(rotation(delta).magnitude())
