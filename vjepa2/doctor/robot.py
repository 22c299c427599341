"""The arm, by libfranka's own handshake."""

from __future__ import annotations

import socket
from importlib.metadata import version
from importlib.util import find_spec

from vjepa2.doctor.finding import Finding, missing, ok, warning
from vjepa2.doctor.host import Host

PORT = 1337
TIMEOUT = 5.0  # s
REMEDY = "check the address, and that FCI is activated in Desk; end other clients, `vjepa2 up` too"


def check(host: Host) -> Finding:
    """Whether it answers, and in a version that the installed franky speaks; nothing moves."""
    if find_spec("franky") is None:
        return _only_a_port(host.robot)
    from vjepa2_robot.arm_driver import ArmError
    from vjepa2_robot.connection import open_robot

    try:
        robot = open_robot(host.robot, TIMEOUT, realtime=False)
    except ArmError as error:
        return missing("robot", str(error), REMEDY)
    return ok(
        "robot",
        f"{host.robot} answers; franky {version('franky-control')} speaks its server version "
        f"{robot.server_version}",
    )


def _only_a_port(address: str) -> Finding:
    try:
        socket.create_connection((address, PORT), TIMEOUT).close()
    except OSError as error:
        return missing("robot", f"no robot at {address}:{PORT} ({error})", REMEDY)
    return warning(
        "robot",
        f"{address}:{PORT} accepts connections",
        "whether its version fits is only known with franky: pip install franky-control",
    )
