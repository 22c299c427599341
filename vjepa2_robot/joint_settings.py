"""What the driver of an arm that takes joint targets needs to know about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from vjepa2_robot.end_effector import EndEffectorFrame
from vjepa2_robot.gripper_settings import GripperSettings


@dataclass(frozen=True)
class JointSettings:
    """Parameters of `JointArm`; see `FrankySettings` for what they mean."""

    end_effector: EndEffectorFrame = field(default_factory=EndEffectorFrame)
    gripper: GripperSettings = field(default_factory=GripperSettings)
    speed_factor: float = 0.2
    acceleration_factor: float = 0.2
    translation_tolerance: float = 0.002
    rotation_tolerance: float = 0.02

    def __post_init__(self) -> None:
        for name in ("speed_factor", "acceleration_factor"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise ValueError(f"JointSettings.{name} must be in (0, 1]")
        for name in ("translation_tolerance", "rotation_tolerance"):
            if not getattr(self, name) > 0.0:
                raise ValueError(f"JointSettings.{name} must be positive")
