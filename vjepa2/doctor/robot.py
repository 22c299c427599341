"""The arm, by libfranka's own handshake."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec

from vjepa2.doctor.finding import Finding, missing, ok, warning
from vjepa2.doctor.host import Host
from vjepa2_robot.arm_driver import ArmError
from vjepa2_robot.server_version import server_version

TIMEOUT = 5.0  # s
REMEDY = "check the address, and that FCI is activated in Desk; end other clients, `vjepa2 up` too"


def check(host: Host) -> Finding:
    """Whether it answers, and in a version that the installed franky speaks; nothing moves."""
    try:
        found = f"{host.robot} answers with server version {server_version(host.robot, TIMEOUT)}"
        if find_spec("franky") is None:
            return warning(
                "robot", found, "pip install franky-control, in the build for that version"
            )
        from vjepa2_robot.connection import open_robot

        open_robot(host.robot, TIMEOUT, realtime=False)
    except ArmError as error:
        return missing("robot", str(error), REMEDY)
    return ok("robot", f"{found}; franky {version('franky-control')} speaks it")
