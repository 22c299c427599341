"""A driver whose speed can be limited."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class SpeedLimited(Protocol):
    """A driver whose motions take time, and so have a speed to limit."""

    def limit_speed(self, speed_factor: float, acceleration_factor: float) -> None:
        """Cap motions at these parts, in (0, 1], of the rated speed and acceleration."""
        ...
