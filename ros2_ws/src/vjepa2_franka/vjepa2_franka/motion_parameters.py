"""How the arm moves, as parameters that hold from connection to connection."""

from __future__ import annotations

from functools import partial

from vjepa2_franka.sections import section
from vjepa2_node.parameters import Parameter, Values
from vjepa2_robot.compliant import Compliant
from vjepa2_robot.motion_modes import MotionMode, PointToPoint

_DEFAULT = Compliant()
_Fixed = partial(Parameter, fixed=True)

MOTION_PARAMETERS = (
    _Fixed(
        "motion_mode",
        "point_to_point",
        "Stiff point-to-point motions, or compliant Cartesian impedance tracking.",
        choices=("point_to_point", "compliant"),
    ),
    _Fixed(
        "compliant.translational_stiffness",
        _DEFAULT.translational_stiffness,
        "Stiffness along the axes in compliant motions [N/m].",
        1.0,
        5000.0,
    ),
    _Fixed(
        "compliant.rotational_stiffness",
        _DEFAULT.rotational_stiffness,
        "Stiffness about the axes in compliant motions [Nm/rad].",
        1.0,
        500.0,
    ),
    _Fixed(
        "compliant.damping",
        [0.0] * 6,
        "Damping of compliant motions: 3 along [Ns/m], 3 about the axes [Nms/rad]; six zeros "
        "mean critical damping.",
        0.0,
        1000.0,
        length=6,
    ),
    _Fixed(
        "compliant.period",
        _DEFAULT.period,
        "Time between two references of a compliant motion [s].",
        0.001,
        0.1,
    ),
    _Fixed(
        "compliant.translation_tolerance",
        _DEFAULT.translation_tolerance,
        "A compliant motion ends this close to its target [m].",
        0.0001,
        0.05,
    ),
    _Fixed(
        "compliant.rotation_tolerance",
        _DEFAULT.rotation_tolerance,
        "A compliant motion ends this close to its target [rad].",
        0.001,
        0.5,
    ),
    _Fixed(
        "compliant.settle_timeout",
        _DEFAULT.settle_timeout,
        "A compliant motion ends this long after its ramp where a contact holds the arm [s].",
        0.1,
        30.0,
    ),
    _Fixed(
        "compliant.integral_gain",
        _DEFAULT.integral_gain,
        "How fast the rest of the way is integrated against friction [1/s].",
        0.01,
        50.0,
    ),
    _Fixed(
        "compliant.max_correction",
        _DEFAULT.max_correction,
        "Bound of that integral on each axis [m]; times the stiffness, the force on a contact.",
        0.0001,
        0.1,
    ),
    _Fixed(
        "compliant.max_correction_angle",
        _DEFAULT.max_correction_angle,
        "Bound of that integral about each axis [rad].",
        0.001,
        0.5,
    ),
)


def motion_of(values: Values) -> MotionMode:
    """The motion mode that parameter values describe; ValueError where they do not fit."""
    fields = section(values, "compliant")
    damping = fields.pop("damping")
    if any(damping) and not all(damping):
        raise ValueError("compliant.damping must be six positive numbers, or six zeros (critical)")
    compliant = Compliant(damping=damping if any(damping) else None, **fields)
    return compliant if values["motion_mode"] == "compliant" else PointToPoint()
