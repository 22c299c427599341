"""The planner's parameters, and the preset that they amount to."""

from __future__ import annotations

from dataclasses import fields

from vjepa2_node.parameters import Parameter, Values
from vjepa2_planner import Box, Constraint, CrossEntropySettings, L1Ball, Preset

NEAR = (
    Parameter("samples", 800, "candidates a refinement", 2, 100_000),
    Parameter("refinements", 10, "refinements of the sampling distribution a plan", 1, 1000),
    Parameter("elites", 10, "best candidates that the distribution is fitted to", 2, 100_000),
    Parameter("horizon", 1, "steps of a plan", 1, 16),
    Parameter("translation_std", 0.075, "first standard deviation of x, y, z [m]", 0.0, 1.0),
    Parameter("gripper_std", 1.0, "first standard deviation of the change of closedness", 0, 10),
    Parameter("momentum_mean", 0.15, "share of the old mean that a refinement keeps", 0.0, 1.0),
    Parameter("momentum_std", 0.15, "share of the old deviation that it keeps", 0.0, 1.0),
    Parameter("momentum_mean_gripper", 0.15, "the same for the gripper's mean", 0.0, 1.0),
    Parameter("momentum_std_gripper", 0.15, "the same for the gripper's deviation", 0.0, 1.0),
    Parameter("gripper_deadband", 0.25, "a smaller final change of closedness is 0", 0.0, 1.0),
    Parameter("fixed_gripper", False, "leave the gripper as it is"),
    Parameter("include_mean", False, "let the mean itself compete as a candidate"),
    Parameter("hold_margin", 0.0, "hold still where a plan saves a smaller share", 0.0, 1.0),
    Parameter("repeat", 1, "steps for which an action is imagined to be repeated", 1, 16),
)
FAR = tuple(
    Parameter(f"far.{p.name}", p.default, f"{p.description}; far from the goal", p.lower, p.upper)
    for p in NEAR
)
PARAMETERS = (
    *NEAR,
    Parameter(
        "far_above",
        0.0,
        "energy of the view above which the `far.` settings plan; it belongs to a world model; "
        "0: never",
        0.0,
        100.0,
    ),
    *FAR,
    Parameter(
        "constraint",
        "box",
        "set that each planned step must lie in: each of x, y, z within the radius (released "
        "code), or the sum of their sizes (the paper's text)",
        choices=("box", "l1_ball"),
    ),
    Parameter("radius", 0.075, "size of that set [m]", 0.001, 0.14),
    Parameter("gripper_limit", 0.75, "largest planned change of closedness", 0.0, 1.0),
    Parameter(
        "settle_time",
        0.05,
        "an image counts only when captured so long after the end of the last motion [s]",
        0.0,
        5.0,
    ),
    Parameter("image_timeout", 3.0, "wait for such an image before giving up [s]", 0.1, 30.0),
    Parameter("state_timeout", 1.0, "wait for the arm's state at its stamp [s]", 0.05, 10.0),
    Parameter("motion_timeout", 30.0, "wait for the end of one motion [s]", 1.0, 120.0),
    Parameter(
        "world_model_timeout",
        60.0,
        "wait for one answer of the world model [s]",
        1.0,
        600.0,
        fixed=True,
    ),
    Parameter("base_frame", "fr3_link0", "frame of states and commands", fixed=True),
)


def preset_from(values: Values) -> Preset:
    """The preset of parameter values; ValueError names the setting that does not fit."""
    far_above = float(values["far_above"])
    return Preset(
        _settings(values, ""),
        _constraint(values),
        far=_settings(values, "far.") if far_above > 0 else None,
        far_above=far_above,
    )


def _settings(values: Values, prefix: str) -> CrossEntropySettings:
    names = [field.name for field in fields(CrossEntropySettings)]
    return CrossEntropySettings(**{name: values[prefix + name] for name in names})


def _constraint(values: Values) -> Constraint:
    kind = Box if values["constraint"] == "box" else L1Ball
    return kind(radius=values["radius"], gripper_limit=values["gripper_limit"])
