"""The planner's parameters, and the preset that they amount to."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

from vjepa2_node.parameters import Parameter, Values
from vjepa2_planner import (
    Box,
    Constraint,
    CrossEntropyMethod,
    GradientDescent,
    Hybrid,
    ImprovedCrossEntropyMethod,
    L1Ball,
    Optimiser,
    PathIntegral,
    PlanSettings,
    Preset,
    ResponseSurface,
)
from vjepa2_planning.waiting_parameters import WAITING

OPTIMISERS: dict[str, type[Any]] = {
    "cem": CrossEntropyMethod,
    "icem": ImprovedCrossEntropyMethod,
    "mppi": PathIntegral,
    "gradient": GradientDescent,
    "hybrid": Hybrid,
    "surface": ResponseSurface,
}
NEAR = (
    Parameter(
        "optimiser",
        "cem",
        "how actions are found: the cross-entropy method of the paper, its improved form, path "
        "integrals, gradients through the predictor, samples followed by gradients, or quadratics "
        "fitted to the best samples",
        choices=tuple(OPTIMISERS),
    ),
    Parameter(
        "samples", 800, "candidates a refinement; hybrid: at first; surface: at second", 2, 100_000
    ),
    Parameter("refinements", 10, "refinements a plan; gradient, hybrid: descents", 1, 1000),
    Parameter("elites", 10, "cem, icem, surface: best candidates that are gone by", 2, 100_000),
    Parameter("momentum_mean", 0.15, "cem: share of the old mean that is kept", 0.0, 1.0),
    Parameter("momentum_std", 0.15, "cem: share of the old deviation that is kept", 0.0, 1.0),
    Parameter("momentum_mean_gripper", 0.15, "cem: the same for the gripper's mean", 0.0, 1.0),
    Parameter("momentum_std_gripper", 0.15, "cem: the same for its deviation", 0.0, 1.0),
    Parameter("include_mean", False, "cem: let the mean itself compete as a candidate"),
    Parameter("noise_exponent", 2.0, "icem: how strongly the steps of a draw agree", 0.0, 9.0),
    Parameter("kept", 0.3, "icem: share of the elites that compete again", 0.0, 1.0),
    Parameter("decay", 1.25, "icem, surface: how many times fewer samples come next", 1, 9),
    Parameter("momentum", 0.1, "icem: share of the old mean and deviation kept", 0.0, 1.0),
    Parameter("temperature", 0.1, "mppi: as a share of the energies' spread", 1e-6, 1e3),
    Parameter("std_decay", 0.6, "mppi: deviation that is left after a refinement", 0.01, 1.0),
    Parameter("first_samples", 40, "surface: candidates of the first refinement", 2, 100_000),
    Parameter("fitted", 32, "surface: best candidates that a quadratic is fitted to", 2, 100_000),
    Parameter("narrowing", 0.3, "surface: least share of the deviation that is left", 0.01, 1.0),
    Parameter("descents", 0, "surface: how many refinements descend, at last", 0, 999),
    Parameter("starts", 4, "gradient, hybrid, surface: how many descend at once", 1, 10_000),
    Parameter("step", 0.7, "gradient, hybrid, surface: first step, in deviations", 1e-6, 99.0),
    Parameter("shrink", 0.5, "gradient, hybrid, surface: step after one in vain", 0.01, 0.99),
    Parameter("horizon", 1, "steps of a plan", 1, 16),
    Parameter("translation_std", 0.075, "first standard deviation of x, y, z [m]", 0.0, 1.0),
    Parameter("rotation_std", 0.1, "first deviation of the rotations [rad]", 0.0, 3.0),
    Parameter("gripper_std", 1.0, "first standard deviation of the change of closedness", 0, 10),
    Parameter("gripper_deadband", 0.25, "a smaller final change of closedness is 0", 0.0, 1.0),
    Parameter("fixed_gripper", False, "leave the gripper as it is"),
    Parameter("hold_margin", 0.0, "hold still where a plan saves a smaller share", 0.0, 1.0),
    Parameter(
        "gripper_margin", 0.0, "leave the gripper where its change saves less energy", 0.0, 100.0
    ),
    Parameter(
        "gripper_tries", 0, "changes of the gripper that are tried with a plan as found", 0, 64
    ),
    Parameter(
        "gripper_by_direction", False, "to open or close must save the margin in the mean of tries"
    ),
    Parameter(
        "gripper_check",
        False,
        "decide on the fingers by the last two goals, or by trying and looking, not by the plan",
    ),
    Parameter(
        "gripper_alone",
        0.0,
        "with it: goals nearer to each other than this energy differ by the fingers alone",
        0.0,
        100.0,
    ),
    Parameter(
        "gripper_try_cost", 0.0, "with it: what energy closing may cost to be tried", 0.0, 100.0
    ),
    Parameter(
        "gripper_rest", 0.0, "a longer step leaves the gripper as it is [m]; 0: none does", 0, 1.0
    ),
    Parameter("repeat", 1, "steps for which an action is imagined to be repeated", 1, 16),
    Parameter("low_discrepancy", False, "draw from a Sobol sequence, which is more even"),
    Parameter("warm_start", False, "begin with the plan of the step before"),
    Parameter(
        "time_budget",
        0.0,
        "begin no refinement that would end later after the start of the plan [s]; 0: carry out "
        "all",
        0.0,
        600.0,
    ),
)
AXES = ("xyz", "xy", "xz", "yz", "x", "y", "z")
FINGERS = {"gripper_check": False, "gripper_alone": 0.0, "gripper_try_cost": 0.0}
"""Of the closed loop rather than of a plan; so they say in a plan far from the goal."""
FAR = tuple(
    replace(p, name=f"far.{p.name}", description=f"{p.description}; far from the goal")
    for p in NEAR
    if p.name not in FINGERS
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
    Parameter("axes", "xyz", "those of x, y, z that are planned", choices=AXES),
    Parameter("rotation_limit", 0.0, "largest planned rotation [rad]; 0: none", 0.0, math.pi),
    Parameter("gripper_limit", 0.75, "largest planned change of closedness", 0.0, 1.0),
    Parameter(
        "settle_time",
        0.05,
        "an image counts only when captured so long after the end of the last motion [s]",
        0.0,
        5.0,
    ),
    *WAITING,
)


def preset_from(values: Values) -> Preset:
    """The preset of parameter values; ValueError names the setting that does not fit."""
    far_above, constraint = float(values["far_above"]), _constraint(values)
    far = {f"far.{name}": value for name, value in FINGERS.items()}
    return Preset(
        _optimiser(values, ""),
        constraint,
        _settings(values, ""),
        far=Preset(_optimiser(values, "far."), constraint, _settings({**values, **far}, "far."))
        if far_above > 0
        else None,
        far_above=far_above,
    )


def _optimiser(values: Values, prefix: str) -> Optimiser:
    kind = OPTIMISERS[values[f"{prefix}optimiser"]]
    if kind is Hybrid:
        descent = _record(GradientDescent, values, prefix)
        return Hybrid(samples=values[f"{prefix}samples"], descent=descent)
    if kind is ResponseSurface:
        return _response_surface(values, prefix)
    optimiser: Optimiser = _record(kind, values, prefix)
    return optimiser


def _response_surface(values: Values, prefix: str) -> ResponseSurface:
    """Without descents there is no descent; their number is not that of all refinements."""
    count = values[f"{prefix}descents"]
    descent = None
    if count:
        descending = {**values, f"{prefix}refinements": count}
        descent = _record(GradientDescent, descending, prefix)
    surface = {**values, f"{prefix}descent": descent}
    found: ResponseSurface = _record(ResponseSurface, surface, prefix)
    return found


def _settings(values: Values, prefix: str) -> PlanSettings:
    endless = {
        name: values[name] or math.inf
        for name in (f"{prefix}time_budget", f"{prefix}gripper_rest")
    }
    settings: PlanSettings = _record(PlanSettings, {**values, **endless}, prefix)
    return settings


def _record(kind: type[Any], values: Values, prefix: str) -> Any:
    """The dataclass whose fields are called like parameters."""
    return kind(**{field.name: values[prefix + field.name] for field in fields(kind)})


def _constraint(values: Values) -> Constraint:
    kind = Box if values["constraint"] == "box" else L1Ball
    return kind(
        radius=values["radius"],
        gripper_limit=values["gripper_limit"],
        rotation_limit=values["rotation_limit"],
        axes=values["axes"],
    )
