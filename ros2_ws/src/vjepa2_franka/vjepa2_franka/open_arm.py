"""The arm that parameters describe."""

from __future__ import annotations

from rclpy.node import Node

from vjepa2_franka.arm_parameters import joint_settings_of, settings_of
from vjepa2_franka.joint_topics import JointTopics, MeasuredJointTopic
from vjepa2_franka.limit_parameters import limits_of
from vjepa2_node.parameters import Values
from vjepa2_robot.arm_driver import ArmDriver, ArmError
from vjepa2_robot.dry_run import DryRunArm
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.franky_reader import FrankyReader
from vjepa2_robot.joint_driver import JointArm
from vjepa2_robot.joint_reader import JointReader
from vjepa2_robot.limited_arm import LimitedArm
from vjepa2_robot.reconnecting_arm import ReconnectingArm


def open_arm(node: Node, values: Values) -> LimitedArm:
    """Connect to the arm; ArmError, which says what to do, when that fails.

    In a dry run no object that could move the arm is ever made. node: in whose context and
    namespace an arm behind topics is looked for.
    """

    def connect() -> ArmDriver:
        return _gazebo(node, values) if values["driver"] == "gazebo" else _franky(values)

    return LimitedArm(ReconnectingArm(connect), limits_of(values))


def _franky(values: Values) -> ArmDriver:
    address = values["robot_address"]
    if not address:
        raise ArmError(
            "robot_address is empty; set it to the address of the arm's control box "
            "(127.0.0.1 for a simulation on this host)"
        )
    settings = settings_of(values)
    if values["dry_run"]:
        return DryRunArm(FrankyReader.connect(address, settings))
    return FrankyArm(address, settings)


def _gazebo(node: Node, values: Values) -> ArmDriver:
    settings = joint_settings_of(values)
    timeouts = values["connect_timeout"], values["joint_silence"]
    if values["dry_run"]:
        return DryRunArm(JointReader(MeasuredJointTopic(node, *timeouts), settings))
    return JointArm(JointTopics(node, *timeouts), settings)
