"""The limits on commands as parameters; they may be changed while the bridge works."""

from __future__ import annotations

import math

from vjepa2_franka.sections import section
from vjepa2_node.parameters import Parameter, Values
from vjepa2_robot.limits import Limits

_DEFAULT = Limits()

LIMIT_PARAMETERS = (
    Parameter(
        "limits.workspace_lower",
        list(_DEFAULT.workspace_lower),
        "Lower corner x y z of the box that the end-effector frame stays in [m, base frame].",
        -2.0,
        2.0,
        length=3,
    ),
    Parameter(
        "limits.workspace_upper",
        list(_DEFAULT.workspace_upper),
        "Upper corner x y z of that box [m, base frame].",
        -2.0,
        2.0,
        length=3,
    ),
    Parameter(
        "limits.clip_to_workspace",
        _DEFAULT.clip_to_workspace,
        "Hold a target that leaves the box at its wall (CLIPPED) instead of refusing it.",
    ),
    Parameter(
        "limits.max_translation",
        _DEFAULT.max_translation,
        "Longest translation of one delta [m], Euclidean.",
        0.001,
        1.0,
    ),
    Parameter(
        "limits.max_rotation",
        _DEFAULT.max_rotation,
        "Largest angle of the rotation of one delta [rad].",
        0.001,
        math.pi,
    ),
    Parameter(
        "limits.max_gripper_change",
        _DEFAULT.max_gripper_change,
        "Largest change of the gripper's closedness in one delta.",
        0.001,
        1.0,
    ),
    Parameter(
        "limits.max_command_age",
        _DEFAULT.max_command_age,
        "Longest time from the stamp of a command until it is carried out [s].",
        0.001,
        60.0,
    ),
    Parameter(
        "limits.max_start_distance",
        _DEFAULT.max_start_distance,
        "Furthest that the arm may be from where a delta was planned [m].",
        0.0001,
        1.0,
    ),
    Parameter(
        "limits.max_start_angle",
        _DEFAULT.max_start_angle,
        "Furthest that it may have turned since then [rad].",
        0.001,
        math.pi,
    ),
    Parameter(
        "limits.max_start_closedness",
        _DEFAULT.max_start_closedness,
        "Largest change of the gripper's closedness since then.",
        0.001,
        1.0,
    ),
    Parameter(
        "limits.speed_factor",
        _DEFAULT.speed_factor,
        "Speed of motions as a part of the arm's rated speed.",
        0.001,
        1.0,
    ),
    Parameter(
        "limits.acceleration_factor",
        _DEFAULT.acceleration_factor,
        "Acceleration and jerk of motions as a part of the arm's rated ones.",
        0.001,
        1.0,
    ),
    Parameter(
        "limits.joint_lower",
        list(_DEFAULT.joint_lower),
        "Lowest joint positions that a motion in joint space may end at [rad].",
        -2 * math.pi,
        2 * math.pi,
        length=7,
    ),
    Parameter(
        "limits.joint_upper",
        list(_DEFAULT.joint_upper),
        "Highest joint positions that a motion in joint space may end at [rad].",
        -2 * math.pi,
        2 * math.pi,
        length=7,
    ),
)


def limits_of(values: Values) -> Limits:
    """The limits that parameter values describe; ValueError where they do not fit together."""
    try:
        return Limits(**section(values, "limits"))
    except ValueError as error:
        raise ValueError(str(error).replace("Limits.", "limits.")) from None
