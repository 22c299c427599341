"""Joint motion along a straight line of the hand, with franky-sim's choice of redundancy."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pinocchio as pin
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]

_DAMPING = 1e-4
_STEP_M, _STEP_RAD = 0.01, 0.05
_TOLERANCE = 1e-5


class UnreachableError(ValueError):
    """No joint positions near the present ones put the hand at the target."""


class Kinematics(Protocol):
    """The part of franky-sim's robot that this needs."""

    def kinematics(self, q: Vector) -> pin.SE3: ...

    def d_kinematics(self, q: Vector, dq: Vector) -> Vector: ...


def follow_line(robot: Kinematics, joints: ArrayLike, target: pin.SE3) -> Vector:
    """Joint positions [7] rad after a straight move of the hand to `target` in the base frame.

    Small steps of the damped pseudo-inverse, as `BaseRobot.cartesian_position_control` of
    franky-sim takes at every millisecond when no elbow is commanded: least joint motion, so the
    elbow ends where it does there, too. Raises UnreachableError.
    """
    q = np.array(joints, dtype=np.float64)
    start = robot.kinematics(q).copy()
    shift = target.translation - start.translation
    turn = pin.log3(target.rotation @ start.rotation.T)
    steps = int(
        max(np.ceil(np.linalg.norm(shift) / _STEP_M), np.ceil(np.linalg.norm(turn) / _STEP_RAD), 1)
    )
    for k in range(1, steps + 1):
        part = pin.SE3(
            pin.exp3(turn * k / steps) @ start.rotation, start.translation + shift * k / steps
        )
        q = _step(robot, q, part)
    for _ in range(20):
        if np.linalg.norm(_error(robot, q, target)) < _TOLERANCE:
            return q
        q = _step(robot, q, target)
    raise UnreachableError(
        f"the hand cannot be moved to {np.round(target.translation, 3)} m from joint positions "
        f"{np.round(q, 3)} rad: choose a target within the arm's reach"
    )


def _error(robot: Kinematics, q: Vector, target: pin.SE3) -> Vector:
    here = robot.kinematics(q)
    return np.concatenate(
        [target.translation - here.translation, pin.log3(target.rotation @ here.rotation.T)]
    )


def _step(robot: Kinematics, q: Vector, target: pin.SE3) -> Vector:
    error = _error(robot, q, target)
    # Joint velocities that are the columns of a unit matrix give the Jacobian itself.
    jacobian = robot.d_kinematics(q, np.eye(7))
    inverse = jacobian.T @ np.linalg.inv(jacobian @ jacobian.T + _DAMPING * np.eye(6))
    return q + inverse @ error
