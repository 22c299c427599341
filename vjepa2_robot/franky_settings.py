"""What the franky driver needs to know about an arm beyond its address."""

from __future__ import annotations

from dataclasses import dataclass, field

from vjepa2_robot.end_effector import EndEffectorFrame
from vjepa2_robot.gripper_settings import GripperSettings
from vjepa2_robot.motion_modes import MotionMode, PointToPoint


@dataclass(frozen=True)
class FrankySettings:
    """Parameters of `FrankyArm`.

    torque_threshold [Nm] and force_threshold [N] are the collision thresholds that raise a
    reflex. A motion that ends further than translation_tolerance [m] or rotation_tolerance
    [rad] from its target is NOT_REACHED. connect_timeout in seconds. realtime asks for a
    real-time kernel, which a real arm needs for smooth motions and franky-sim does not.
    """

    motion: MotionMode = field(default_factory=PointToPoint)
    end_effector: EndEffectorFrame = field(default_factory=EndEffectorFrame)
    gripper: GripperSettings = field(default_factory=GripperSettings)
    torque_threshold: float = 20.0
    force_threshold: float = 30.0
    speed_factor: float = 0.2
    acceleration_factor: float = 0.2
    translation_tolerance: float = 0.002
    rotation_tolerance: float = 0.02
    connect_timeout: float = 3.0
    realtime: bool = False

    def __post_init__(self) -> None:
        for name in ("speed_factor", "acceleration_factor"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise ValueError(f"FrankySettings.{name} must be in (0, 1]")
        for name in (
            "torque_threshold",
            "force_threshold",
            "translation_tolerance",
            "rotation_tolerance",
            "connect_timeout",
        ):
            if not getattr(self, name) > 0.0:
                raise ValueError(f"FrankySettings.{name} must be positive")
