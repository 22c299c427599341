"""All checks, in the order in which they are shown."""

from __future__ import annotations

from dataclasses import dataclass

from vjepa2.doctor.host import PARTS, Host


@dataclass(frozen=True)
class Check:
    """module: has the function `check(host: Host) -> Finding`.

    timeout: after so many seconds it counts as hanging. parts: hosts that it is for. option: of
    `Host`; empty there, it has nothing to look at.
    """

    name: str
    module: str
    timeout: float = 60.0
    parts: tuple[str, ...] = PARTS
    option: str = ""

    def is_for(self, host: Host) -> bool:
        """Whether it concerns the nodes of this host."""
        return host.part in self.parts

    def is_asked(self, host: Host) -> bool:
        """Whether what it looks at was named."""
        return not self.option or bool(getattr(host, self.option))


BESIDE_THE_ARM = ("all", "robot")
BESIDE_THE_GPU = ("all", "planning")
TWO_HOSTS = ("robot", "planning")

CHECKS = (
    Check("python", "vjepa2.doctor.python_version"),
    Check("packages", "vjepa2.doctor.packages"),
    Check("ros", "vjepa2.doctor.ros"),
    Check("messages", "vjepa2.doctor.messages"),
    Check("discovery", "vjepa2.doctor.discovery"),
    Check("torch", "vjepa2.doctor.torch_device", 120.0, BESIDE_THE_GPU),
    Check("weights", "vjepa2.doctor.weights", 300.0, BESIDE_THE_GPU),
    Check("camera", "vjepa2.doctor.camera", parts=BESIDE_THE_ARM, option="camera"),
    Check("realsense", "vjepa2.doctor.realsense", parts=BESIDE_THE_ARM),
    Check("robot", "vjepa2.doctor.robot", parts=BESIDE_THE_ARM, option="robot"),
    Check("kernel", "vjepa2.doctor.realtime_kernel", parts=BESIDE_THE_ARM),
    Check("priorities", "vjepa2.doctor.realtime_limits", parts=BESIDE_THE_ARM),
    Check("governor", "vjepa2.doctor.cpu_governor", parts=BESIDE_THE_ARM),
    Check("memory", "vjepa2.doctor.memory"),
    Check("shared memory", "vjepa2.doctor.shared_memory"),
    Check("disk", "vjepa2.doctor.disk"),
    Check("clock", "vjepa2.doctor.clock", parts=TWO_HOSTS),
)
