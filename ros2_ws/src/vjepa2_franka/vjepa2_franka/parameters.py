"""All parameters of the bridge, and what must hold between them."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from vjepa2_franka.arm_parameters import ARM_PARAMETERS, settings_of
from vjepa2_franka.limit_parameters import LIMIT_PARAMETERS, limits_of
from vjepa2_node import names
from vjepa2_node.parameters import Parameter, Values
from vjepa2_robot.refusal import RefusalError

_Fixed = partial(Parameter, fixed=True)

PARAMETERS = (
    _Fixed(
        "driver",
        "franky",
        "How the arm is driven: over its own network protocol, or by Gazebo's joint topics.",
        choices=("franky", "gazebo"),
    ),
    _Fixed(
        "robot_address",
        "",
        "For the driver franky: address of the arm's control box, or of a simulation (127.0.0.1 "
        "on this host).",
    ),
    _Fixed("dry_run", False, "Check every command and carry out none: the arm is only read."),
    _Fixed(
        "base_frame",
        names.BASE_FRAME,
        "Frame id of the robot's base, in which states and deltas are given.",
    ),
    _Fixed("joint_prefix", "fr3", "What the names in joint_states begin with."),
    Parameter("state_rate", 50.0, "States and joint states a second [Hz].", 1.0, 500.0),
    Parameter(
        "home_joints",
        [0.0, -0.35, 0.0, -2.2, 0.0, 1.85, -math.pi / 4],
        "Joint positions that `home` moves to [rad].",
        -2 * math.pi,
        2 * math.pi,
        length=7,
    ),
    *LIMIT_PARAMETERS,
    *ARM_PARAMETERS,
)


def check(values: Values) -> None:
    """Raise ValueError for values that do not fit together; the message names them."""
    limits = limits_of(values)
    settings_of(values)
    try:
        limits.check_joints(np.array(values["home_joints"]))
    except RefusalError as refusal:
        raise ValueError(f"home_joints: {refusal} (limits.joint_lower, joint_upper)") from None
