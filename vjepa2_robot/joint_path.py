"""Joint positions over time: from rest to rest, within a speed and an acceleration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import CubicSpline

from vjepa2_robot.arm_driver import Vector

_SAMPLES = 101
# Highest speed and acceleration of a minimum-jerk motion by 1 within 1 s.
_PEAK_SPEED, _PEAK_ACCELERATION = 1.875, 10.0 / np.sqrt(3.0)


@dataclass(frozen=True, eq=False)
class JointPath:
    """Minimum-jerk motion along a smooth curve. duration: from start to end [s]."""

    curve: CubicSpline
    duration: float

    @classmethod
    def through(cls, waypoints: ArrayLike, speed: ArrayLike, acceleration: ArrayLike) -> JointPath:
        """The quickest such motion through joint positions [N >= 2, 7] rad.

        No joint exceeds its speed [7] rad/s or its acceleration [7] rad/s^2 on the way.
        """
        points = np.asarray(waypoints, dtype=np.float64)
        curve = CubicSpline(np.linspace(0.0, 1.0, len(points)), points)
        share = np.linspace(0.0, 1.0, _SAMPLES)
        slope, bend = (np.abs(curve(share, order)).max(axis=0) for order in (1, 2))
        by_speed = _PEAK_SPEED * slope / np.asarray(speed)
        by_acceleration = np.sqrt(
            (_PEAK_ACCELERATION * slope + _PEAK_SPEED**2 * bend) / np.asarray(acceleration)
        )
        return cls(curve, float(max(by_speed.max(), by_acceleration.max())))

    def at(self, elapsed: float) -> Vector:
        """Joint positions [7] rad at a time [s] since the start; the last ones after the end."""
        t = min(elapsed / self.duration, 1.0) if self.duration > 0.0 else 1.0
        positions: Vector = self.curve(t**3 * (10.0 - 15.0 * t + 6.0 * t**2))
        return positions
