"""The process of the Franka bridge with a driver that can be made to fail."""

from __future__ import annotations

import os
import socket
import sys
import threading
from contextlib import suppress

from tests.faults.faulty_arm import FaultyArm, HangingHand
from tests.faults.switches import Switches
from vjepa2_franka import franka_bridge, open_arm
from vjepa2_robot.connection import open_gripper
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.franky_settings import FrankySettings
from vjepa2_robot.server_version import ROBOT_PORT

CONNECTION = "connection"
"""Switched on, it cuts the connection to the robot, and switches itself off."""


def faulty_arm(host: str, settings: FrankySettings) -> FaultyArm:
    """In place of a FrankyArm."""
    switches = Switches.of_environment()
    hand = HangingHand(open_gripper(host, settings.connect_timeout), switches)
    return FaultyArm(FrankyArm(host, settings, hand), switches)


def cut_when_told() -> None:
    """Watch the switch, for as long as this process lives."""
    switches = Switches.of_environment()
    while True:
        switches.until(CONNECTION, timeout=float("inf"))
        cut()
        switches.off(CONNECTION)


def cut() -> None:
    """Shut down what this process has connected to a robot, under libfranka's hands."""
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError), socket.socket(fileno=os.dup(int(name))) as connection:
            if connection.getpeername()[1] == ROBOT_PORT:
                connection.shutdown(socket.SHUT_RDWR)


def main() -> int:
    """Run the bridge until a signal ends it."""
    open_arm.FrankyArm = faulty_arm  # type: ignore[misc, assignment]
    threading.Thread(target=cut_when_told, daemon=True).start()
    return franka_bridge.main()


if __name__ == "__main__":
    sys.exit(main())
