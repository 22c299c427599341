"""How a gripper's closedness maps to a width, and how it moves there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GripperSettings:
    """How closedness maps to a width, and how hard and fast the fingers move.

    open_width [m], speed [m/s], force [N]. epsilon_outer [m] is wide so that an object of any
    size counts as grasped; tolerance is the change of closedness that counts as none; feel is how
    much further than asked closing fingers feel for an object: a goal image shows fingers that
    just touch one, and what is planned from it would too; timeout [s] is how long a command may
    take before GRIPPER_TIMEOUT.
    """

    open_width: float = 0.08
    speed: float = 0.1
    force: float = 20.0
    epsilon_inner: float = 0.005
    epsilon_outer: float = 0.08
    tolerance: float = 0.02
    feel: float = 0.15
    timeout: float = 3.0

    def __post_init__(self) -> None:
        for name in ("open_width", "speed", "force", "epsilon_outer", "timeout"):
            if not getattr(self, name) > 0.0:
                raise ValueError(f"GripperSettings.{name} must be positive")
        for name in ("epsilon_inner", "tolerance", "feel"):
            if not getattr(self, name) >= 0.0:
                raise ValueError(f"GripperSettings.{name} must not be negative")

    def closedness(self, width: float) -> float:
        """Closedness in [0, 1] of a width [m]."""
        return min(max(1.0 - width / self.open_width, 0.0), 1.0)

    def width(self, closedness: float) -> float:
        """Width [m] of a closedness in [0, 1]."""
        return (1.0 - min(max(closedness, 0.0), 1.0)) * self.open_width
