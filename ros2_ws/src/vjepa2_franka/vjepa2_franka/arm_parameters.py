"""What the driver is told about the arm and its hand, as parameters."""

from __future__ import annotations

import math
from functools import partial

from vjepa2_franka.motion_parameters import MOTION_PARAMETERS, motion_of
from vjepa2_franka.sections import section
from vjepa2_node.parameters import Parameter, Values
from vjepa2_robot.end_effector import EndEffectorFrame
from vjepa2_robot.franky_settings import FrankySettings
from vjepa2_robot.gripper_settings import GripperSettings
from vjepa2_robot.joint_settings import JointSettings

_DEFAULT = FrankySettings()
_GRIPPER = _DEFAULT.gripper
_FRAME = _DEFAULT.end_effector
_Fixed = partial(Parameter, fixed=True)

_GRIPPER_PARAMETERS = (
    _Fixed(
        "gripper.open_width",
        _GRIPPER.open_width,
        "Distance between the fingers at closedness 0 [m].",
        0.001,
        0.3,
    ),
    _Fixed("gripper.speed", _GRIPPER.speed, "Speed of the fingers [m/s].", 0.001, 0.5),
    _Fixed("gripper.force", _GRIPPER.force, "Force of a grasp [N].", 1.0, 140.0),
    _Fixed(
        "gripper.epsilon_inner",
        _GRIPPER.epsilon_inner,
        "A grasp counts at so much less than the width asked for [m].",
        0.0,
        0.3,
    ),
    _Fixed(
        "gripper.epsilon_outer",
        _GRIPPER.epsilon_outer,
        "A grasp counts at so much more than the width asked for, which is 0 [m].",
        0.001,
        0.3,
    ),
    _Fixed(
        "gripper.tolerance",
        _GRIPPER.tolerance,
        "Change of closedness that counts as none.",
        0.0,
        0.5,
    ),
    _Fixed(
        "gripper.feel",
        _GRIPPER.feel,
        "How much further than asked closing fingers feel for an object to grasp.",
        0.0,
        1.0,
    ),
    _Fixed(
        "gripper.timeout",
        _GRIPPER.timeout,
        "How long a gripper command may take before GRIPPER_TIMEOUT [s].",
        0.1,
        60.0,
    ),
)

_FRAME_PARAMETERS = (
    _Fixed(
        "end_effector.translation",
        list(_FRAME.translation),
        "Origin of the frame that the model was trained on, x y z [m].",
        -1.0,
        1.0,
        length=3,
    ),
    _Fixed(
        "end_effector.angles",
        list(_FRAME.angles),
        "Its extrinsic xyz Euler angles [rad].",
        -math.pi,
        math.pi,
        length=3,
    ),
    _Fixed(
        "end_effector.relative_to",
        _FRAME.relative_to,
        "What both are seen from: the robot's tool centre point, or its flange.",
        choices=("tcp", "flange"),
    ),
)

_CONTROL_BOX_PARAMETERS = (
    _Fixed(
        "contact.torque_threshold",
        _DEFAULT.torque_threshold,
        "External joint torque that is a collision and raises a reflex [Nm].",
        1.0,
        100.0,
    ),
    _Fixed(
        "contact.force_threshold",
        _DEFAULT.force_threshold,
        "External Cartesian force that is a collision and raises a reflex [N].",
        1.0,
        200.0,
    ),
    _Fixed(
        "arrival.translation_tolerance",
        _DEFAULT.translation_tolerance,
        "A motion that ends further from its target is NOT_REACHED [m].",
        0.0001,
        0.1,
    ),
    _Fixed(
        "arrival.rotation_tolerance",
        _DEFAULT.rotation_tolerance,
        "A motion that ends further from its target is NOT_REACHED [rad].",
        0.001,
        1.0,
    ),
    _Fixed(
        "connect_timeout",
        _DEFAULT.connect_timeout,
        "How long the arm and its hand may each take to answer at first [s].",
        0.1,
        60.0,
    ),
    _Fixed(
        "realtime",
        _DEFAULT.realtime,
        "Require a real-time kernel: smoother on a real arm, not needed for a simulation.",
    ),
    _Fixed(
        "joint_silence",
        1.0,
        "With the gazebo driver: the arm is lost after so long without joint positions [s].",
        0.05,
        60.0,
    ),
)

ARM_PARAMETERS = (
    *MOTION_PARAMETERS,
    *_GRIPPER_PARAMETERS,
    *_FRAME_PARAMETERS,
    *_CONTROL_BOX_PARAMETERS,
)


def settings_of(values: Values) -> FrankySettings:
    """The driver's settings that parameter values describe; ValueError where they do not fit."""
    return FrankySettings(
        motion=motion_of(values),
        gripper=GripperSettings(**section(values, "gripper")),
        end_effector=EndEffectorFrame(**section(values, "end_effector")),
        **section(values, "contact"),
        **section(values, "arrival"),
        connect_timeout=values["connect_timeout"],
        realtime=values["realtime"],
        # Limits alone hold motions back: they may change while the arm is connected.
        speed_factor=1.0,
        acceleration_factor=1.0,
    )


def joint_settings_of(values: Values) -> JointSettings:
    """The settings of the gazebo driver that parameter values describe."""
    return JointSettings(
        gripper=GripperSettings(**section(values, "gripper")),
        end_effector=EndEffectorFrame(**section(values, "end_effector")),
        **section(values, "arrival"),
        speed_factor=1.0,
        acceleration_factor=1.0,
    )
