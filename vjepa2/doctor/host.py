"""The host that is looked at, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass

PARTS = ("all", "robot", "planning")


@dataclass(frozen=True)
class Host:
    """part: the nodes that are to run here, as `vjepa2 up part:=` has it. robot: its address.

    camera: a device, a video file, or realsense, with :SERIAL where there are several.
    world_model: `bundled` or a checkpoint's path. An empty robot or camera is not looked at.
    """

    part: str = "all"
    robot: str = ""
    camera: str = ""
    world_model: str = "bundled"

    @property
    def has_real_arm(self) -> bool:
        """Whether the robot is none of this host's own, which simulated ones are."""
        return bool(self.robot) and not self.robot.startswith(("127.", "localhost"))
