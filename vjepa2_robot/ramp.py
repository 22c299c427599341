"""A smooth path between two poses."""

from __future__ import annotations

import franky
import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from vjepa2_robot.arm_driver import Vector


class Ramp:
    """Minimum-jerk path between two poses, as fast as the robot's dynamics factor allows."""

    def __init__(self, robot: franky.Robot, target: franky.Affine) -> None:
        start = robot.current_pose.end_effector_pose
        self._start: Vector = np.asarray(start.translation).ravel()
        self._change: Vector = np.asarray(target.translation).ravel() - self._start
        turn = Rotation.from_quat([start.quaternion, target.quaternion])
        self._slerp = Slerp([0.0, 1.0], turn)
        self._turn: Vector = (turn[1] * turn[0].inv()).as_rotvec()
        factor = robot.relative_dynamics_factor
        angle = float(np.linalg.norm(self._turn))
        self.duration = max(
            _shortest_time(
                distance, speed.get() * factor.velocity, acceleration.get() * factor.acceleration
            )
            for distance, speed, acceleration in (
                (
                    float(np.linalg.norm(self._change)),
                    robot.translation_velocity_limit,
                    robot.translation_acceleration_limit,
                ),
                (angle, robot.rotation_velocity_limit, robot.rotation_acceleration_limit),
            )
        )

    def at(self, elapsed: float) -> tuple[franky.Affine, franky.Twist]:
        """Pose and twist at a time [s] since the start."""
        t = min(elapsed / self.duration, 1.0) if self.duration > 0.0 else 1.0
        part = t**3 * (10.0 - 15.0 * t + 6.0 * t**2)
        rate = 30.0 * t**2 * (1.0 - t) ** 2 / self.duration if self.duration > 0.0 else 0.0
        pose = franky.Affine(self._start + part * self._change, self._slerp(part).as_quat())
        return pose, franky.Twist(rate * self._change, rate * self._turn)


def _shortest_time(distance: float, speed: float, acceleration: float) -> float:
    """Duration [s] of a minimum-jerk move whose peaks (1.875 d/T, 5.774 d/T^2) stay below both."""
    return max(1.875 * distance / speed, float(np.sqrt(5.774 * distance / acceleration)))
