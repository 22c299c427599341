"""What an arm is allowed to do, as plain numbers that are checked when they are given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vjepa2_robot.arm_driver import MotionCode, Vector
from vjepa2_robot.poses import delta_between, rotation_angle
from vjepa2_robot.refusal import RefusalError

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Limits:
    """Limits on commands; each violation is refused with the code named here.

    workspace_lower, workspace_upper: corners of the box that the model's end-effector frame
        must stay in [m, base frame] (REFUSED_WORKSPACE).
    clip_to_workspace: hold a target in the box instead of refusing it (CLIPPED).
    max_translation: Euclidean length of a delta [m] (REFUSED_TRANSLATION); the default lets
        the diagonal of a +-0.075 m box pass.
    max_rotation: angle of a delta [rad] (REFUSED_ROTATION).
    max_gripper_change: change of closedness in a delta (REFUSED_GRIPPER_CHANGE).
    max_command_age: time between issuing and carrying out a delta [s] (REFUSED_STALE).
    max_start_distance, max_start_angle, max_start_closedness: how far the arm may be from where
        a delta was planned [m], [rad], [closedness] (REFUSED_MOVED).
    speed_factor, acceleration_factor: part of the arm's rated speed and acceleration, (0, 1].
    joint_lower, joint_upper: joint positions [rad] (REFUSED_JOINTS); the default is the FR3's.
    """

    workspace_lower: Triple = (0.25, -0.45, 0.0)
    workspace_upper: Triple = (0.75, 0.45, 0.75)
    clip_to_workspace: bool = False
    max_translation: float = 0.14
    max_rotation: float = 0.15
    max_gripper_change: float = 0.75
    max_command_age: float = 0.1
    max_start_distance: float = 0.01
    max_start_angle: float = 0.05
    max_start_closedness: float = 0.1
    speed_factor: float = 0.2
    acceleration_factor: float = 0.2
    joint_lower: tuple[float, ...] = (
        -2.7437, -1.7837, -2.9007, -3.0421, -2.8065, 0.5445, -3.0159,
    )  # fmt: skip
    joint_upper: tuple[float, ...] = (
        2.7437, 1.7837, 2.9007, -0.1518, 2.8065, 4.5169, 3.0159,
    )  # fmt: skip

    def __post_init__(self) -> None:
        for name, size in (("workspace", 3), ("joint", 7)):
            lower, upper = (self._vector(f"{name}_{side}", size) for side in ("lower", "upper"))
            if not (lower < upper).all():
                raise ValueError(
                    f"Limits.{name}_lower {lower.tolist()} must be below "
                    f"Limits.{name}_upper {upper.tolist()} on every axis"
                )
        for name, highest in (
            ("max_translation", np.inf),
            ("max_rotation", np.pi),
            ("max_gripper_change", 1.0),
            ("max_command_age", np.inf),
            ("max_start_distance", np.inf),
            ("max_start_angle", np.pi),
            ("max_start_closedness", 1.0),
            ("speed_factor", 1.0),
            ("acceleration_factor", 1.0),
        ):
            value = getattr(self, name)
            if not (np.isfinite(value) and 0.0 < value <= highest):
                raise ValueError(f"Limits.{name} must be in (0, {highest:g}], got {value}")

    def _vector(self, name: str, size: int) -> Vector:
        value = np.asarray(getattr(self, name), dtype=np.float64)
        if value.shape != (size,) or not np.isfinite(value).all():
            raise ValueError(f"Limits.{name} must be {size} finite numbers, got {value}")
        return value

    def check_delta(self, delta: Vector) -> None:
        """Raise `RefusalError` when a finite delta [7] is longer than allowed."""
        self.check_translation(delta[:3])
        angle = rotation_angle(delta)
        if _exceeds(angle, self.max_rotation):
            raise RefusalError(
                MotionCode.REFUSED_ROTATION,
                f"rotation of {angle:.4g} rad is above max_rotation {self.max_rotation:g} rad",
            )
        if _exceeds(abs(delta[6]), self.max_gripper_change):
            raise RefusalError(
                MotionCode.REFUSED_GRIPPER_CHANGE,
                f"gripper change {delta[6]:.4g} is above "
                f"max_gripper_change {self.max_gripper_change:g}",
            )

    def check_translation(self, translation: Vector) -> None:
        """Raise `RefusalError` when a translation [3] is longer than allowed."""
        length = float(np.linalg.norm(translation))
        if _exceeds(length, self.max_translation):
            raise RefusalError(
                MotionCode.REFUSED_TRANSLATION,
                f"translation of {length:.4g} m is above "
                f"max_translation {self.max_translation:g} m",
            )

    def check_start(self, planned: Vector, measured: Vector) -> None:
        """Raise `RefusalError` when the arm has moved too far from a planned pose [7]."""
        moved = delta_between(planned, measured)
        distance, angle = float(np.linalg.norm(moved[:3])), rotation_angle(moved)
        if (
            _exceeds(distance, self.max_start_distance)
            or _exceeds(angle, self.max_start_angle)
            or _exceeds(abs(moved[6]), self.max_start_closedness)
        ):
            raise RefusalError(
                MotionCode.REFUSED_MOVED,
                f"since the delta was planned the arm has moved by {distance:.4g} m, "
                f"{angle:.4g} rad and a closedness of {moved[6]:.4g}; only "
                f"{self.max_start_distance:g} m, {self.max_start_angle:g} rad and "
                f"{self.max_start_closedness:g} are allowed (max_start_...): look and plan again",
            )

    def held_in_workspace(self, position: ArrayLike) -> Vector:
        """The position [3] itself when it is in the box, else the nearest point of the box.

        Raises `RefusalError` for a position outside unless `clip_to_workspace` is on.
        """
        wanted = np.asarray(position, dtype=np.float64)
        held = np.clip(wanted, self.workspace_lower, self.workspace_upper)
        outside = ~(np.abs(held - wanted) <= _SLACK)  # NaN is nowhere in the box
        if not outside.any():
            return wanted
        if not self.clip_to_workspace:
            axes = ", ".join(name for name, out in zip("xyz", outside, strict=True) if out)
            raise RefusalError(
                MotionCode.REFUSED_WORKSPACE,
                f"target {np.round(wanted, 4).tolist()} m leaves the workspace "
                f"{list(self.workspace_lower)} to {list(self.workspace_upper)} m in {axes}",
            )
        return held

    def check_joints(self, positions: Vector) -> None:
        """Raise `RefusalError` when a joint position [7] rad is out of range."""
        for joint, (low, value, high) in enumerate(
            zip(self.joint_lower, positions, self.joint_upper, strict=True), start=1
        ):
            if not low <= value <= high:
                raise RefusalError(
                    MotionCode.REFUSED_JOINTS,
                    f"joint {joint} at {value:.4g} rad is outside [{low:g}, {high:g}] rad",
                )


# A planner's projection onto a limit may land a rounding error beyond it.
_SLACK = 1e-6


def _exceeds(value: float, limit: float) -> bool:
    return not value <= limit + _SLACK  # so that NaN exceeds every limit
