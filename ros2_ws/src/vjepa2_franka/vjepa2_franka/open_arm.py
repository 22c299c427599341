"""The arm that parameters describe."""

from __future__ import annotations

from vjepa2_franka.arm_parameters import settings_of
from vjepa2_franka.limit_parameters import limits_of
from vjepa2_node.parameters import Values
from vjepa2_robot.arm_driver import ArmDriver, ArmError
from vjepa2_robot.dry_run import DryRunArm
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.franky_reader import FrankyReader
from vjepa2_robot.limited_arm import LimitedArm
from vjepa2_robot.reconnecting_arm import ReconnectingArm


def open_arm(values: Values) -> LimitedArm:
    """Connect to the arm; ArmError, which says what to do, when that fails.

    In a dry run no object that could move the arm is ever made.
    """
    address = values["robot_address"]
    if not address:
        raise ArmError(
            "robot_address is empty; set it to the address of the arm's control box "
            "(127.0.0.1 for a simulation on this host)"
        )
    settings = settings_of(values)

    def connect() -> ArmDriver:
        if values["dry_run"]:
            return DryRunArm(FrankyReader.connect(address, settings))
        return FrankyArm(address, settings)

    return LimitedArm(ReconnectingArm(connect), limits_of(values))
