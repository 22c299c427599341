"""The compliant motion mode: Cartesian impedance tracking along a ramp."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import franky
import numpy as np
from scipy.spatial.transform import Rotation

from vjepa2_robot.arm_driver import Vector
from vjepa2_robot.ramp import Ramp


@dataclass(frozen=True)
class Compliant:
    """Cartesian impedance tracking of a minimum-jerk ramp (paper, B.4: operational-space control).

    translational_stiffness [N/m], rotational_stiffness [Nm/rad], period of the reference [s];
    damping: 6 numbers [Ns/m, Nms/rad], None for critical. The motion ends once the pose is
    within translation_tolerance [m] and rotation_tolerance [rad] of the target, or
    settle_timeout [s] after the ramp, where a contact keeps the arm away. After the ramp the
    reference is pushed on by integral_gain [1/s] times what is left, at most by max_correction
    [m] and max_correction_angle [rad] on an axis.
    """

    translational_stiffness: float = 2000.0
    rotational_stiffness: float = 200.0
    damping: tuple[float, ...] | None = None
    period: float = 0.01
    translation_tolerance: float = 0.001
    rotation_tolerance: float = 0.01
    settle_timeout: float = 2.0
    integral_gain: float = 3.0
    max_correction: float = 0.01
    max_correction_angle: float = 0.05

    def __post_init__(self) -> None:
        for name in (
            "translational_stiffness",
            "rotational_stiffness",
            "period",
            "translation_tolerance",
            "rotation_tolerance",
            "settle_timeout",
            "integral_gain",
            "max_correction",
            "max_correction_angle",
        ):
            if not getattr(self, name) > 0.0:
                raise ValueError(f"Compliant.{name} must be positive")
        if self.damping is not None and len(self.damping) != 6:
            raise ValueError("Compliant.damping must be 6 numbers or None")

    def run(
        self, robot: franky.Robot, target: franky.Affine, interrupted: Callable[[], bool]
    ) -> None:
        """See `MotionMode.run`."""
        ramp = Ramp(robot, target)
        with franky.CartesianImpedanceTracker(
            robot,
            translational_stiffness=self.translational_stiffness,
            rotational_stiffness=self.rotational_stiffness,
            damping=None if self.damping is None else np.array(self.damping),
            period=self.period,
        ) as tracker:
            try:
                self._track(robot, tracker, ramp, target, interrupted)
            except KeyboardInterrupt:
                self._brake(robot, tracker)
                raise

    def _track(
        self,
        robot: franky.Robot,
        tracker: franky.CartesianImpedanceTracker,
        ramp: Ramp,
        target: franky.Affine,
        interrupted: Callable[[], bool],
    ) -> None:
        correction = np.zeros(6)
        while tracker.tick():
            elapsed = tracker.elapsed_time
            if interrupted():
                self._brake(robot, tracker)
                return
            pose, twist = ramp.at(elapsed)
            if elapsed > ramp.duration:
                state = robot.state
                left = _error(state.O_T_EE, target)
                if self._close_enough(left) and _still(state):
                    return
                if elapsed > ramp.duration + self.settle_timeout:
                    return
                correction = self._corrected(correction, left)
            tracker.set_target(_shifted(pose, correction), twist)

    def _close_enough(self, left: Vector) -> bool:
        return bool(
            np.linalg.norm(left[:3]) < self.translation_tolerance
            and np.linalg.norm(left[3:]) < self.rotation_tolerance
        )

    def _corrected(self, correction: Vector, left: Vector) -> Vector:
        # A spring alone stops where joint friction balances it; integrating the rest of the way
        # overcomes friction, and the bound keeps it from pressing ever harder on a contact.
        bound = np.repeat([self.max_correction, self.max_correction_angle], 3)
        return np.clip(correction + self.integral_gain * self.period * left, -bound, bound)

    def _brake(self, robot: franky.Robot, tracker: franky.CartesianImpedanceTracker) -> None:
        # The tracker's own end only damps; an arm in full motion would coast on and sag.
        tracker.set_target(robot.state.O_T_EE)
        deadline = tracker.elapsed_time + 0.5
        while tracker.tick() and tracker.elapsed_time < deadline and not _still(robot.state):
            pass


def _error(pose: franky.Affine, target: franky.Affine) -> Vector:
    """Translation [m] and rotation vector [rad], base frame, from a pose to the target: [6]."""
    turn = Rotation.from_quat(target.quaternion) * Rotation.from_quat(pose.quaternion).inv()
    shift = np.asarray(target.translation).ravel() - np.asarray(pose.translation).ravel()
    return np.concatenate([shift, turn.as_rotvec()])


def _shifted(pose: franky.Affine, change: Vector) -> franky.Affine:
    turn = Rotation.from_rotvec(change[3:]) * Rotation.from_quat(pose.quaternion)
    return franky.Affine(np.asarray(pose.translation).ravel() + change[:3], turn.as_quat())


def _still(state: franky.RobotState) -> bool:
    return bool(np.abs(state.dq).max() < 0.02)
