"""Bad settings are refused by name."""

from collections.abc import Callable
from typing import Any

import pytest

from vjepa2_planner import (
    CrossEntropyMethod,
    GradientDescent,
    Hybrid,
    ImprovedCrossEntropyMethod,
    PathIntegral,
    PlanSettings,
    ResponseSurface,
)

NAN, INFINITE = float("nan"), float("inf")
BUDGET: dict[str, Any] = {"samples": 32, "refinements": 4, "elites": 10}
SURFACE: dict[str, Any] = {**BUDGET, "first_samples": 40}
DESCENT: dict[str, Any] = {"starts": 4, "refinements": 4}


CHECKED = {
    "gripper_tries": 9,
    "gripper_by_direction": True,
    "gripper_check": True,
    "gripper_alone": 0.1,
}


@pytest.mark.parametrize(
    ("kind", "good", "field", "value"),
    [
        (CrossEntropyMethod, BUDGET, "samples", 0),
        (CrossEntropyMethod, BUDGET, "samples", 12.5),
        (CrossEntropyMethod, BUDGET, "samples", True),
        (CrossEntropyMethod, BUDGET, "refinements", 0),
        (CrossEntropyMethod, BUDGET, "elites", 1),
        (CrossEntropyMethod, BUDGET, "elites", 33),
        (CrossEntropyMethod, BUDGET, "momentum_mean", 1.0),
        (CrossEntropyMethod, BUDGET, "momentum_std", -0.1),
        (CrossEntropyMethod, BUDGET, "momentum_mean_gripper", NAN),
        (CrossEntropyMethod, BUDGET, "momentum_std_gripper", "0.15"),
        (ImprovedCrossEntropyMethod, BUDGET, "elites", 33),
        (ImprovedCrossEntropyMethod, BUDGET, "noise_exponent", -1.0),
        (ImprovedCrossEntropyMethod, BUDGET, "kept", 1.5),
        (ImprovedCrossEntropyMethod, BUDGET, "decay", 0.5),
        (ImprovedCrossEntropyMethod, BUDGET, "momentum", NAN),
        (PathIntegral, {"samples": 8, "refinements": 2}, "samples", 1),
        (PathIntegral, {"samples": 8, "refinements": 2}, "temperature", 0.0),
        (PathIntegral, {"samples": 8, "refinements": 2}, "std_decay", 2.0),
        (GradientDescent, DESCENT, "starts", 0),
        (GradientDescent, DESCENT, "step", NAN),
        (GradientDescent, DESCENT, "shrink", 1.0),
        (Hybrid, {"samples": 8, "descent": GradientDescent(**DESCENT)}, "samples", 3),
        (ResponseSurface, SURFACE, "first_samples", 0),
        (ResponseSurface, SURFACE, "samples", 0),
        (ResponseSurface, SURFACE, "elites", 41),
        (ResponseSurface, SURFACE, "fitted", 9),
        (ResponseSurface, SURFACE, "decay", 0.9),
        (ResponseSurface, SURFACE, "narrowing", NAN),
        (ResponseSurface, SURFACE, "descent", GradientDescent(**DESCENT)),
        (ResponseSurface, SURFACE, "descent", GradientDescent(starts=41, refinements=2)),
        (PlanSettings, {}, "horizon", -1),
        (PlanSettings, {}, "repeat", 0),
        (PlanSettings, {}, "translation_std", 0.0),
        (PlanSettings, {}, "rotation_std", NAN),
        (PlanSettings, {}, "gripper_std", INFINITE),
        (PlanSettings, {}, "gripper_deadband", -0.25),
        (PlanSettings, {}, "hold_margin", 1.0),
        (PlanSettings, {}, "gripper_margin", INFINITE),
        (PlanSettings, {}, "gripper_tries", -1),
        (PlanSettings, {}, "gripper_by_direction", True),
        (PlanSettings, {}, "gripper_check", True),
        (PlanSettings, {}, "gripper_alone", 0.1),
        (PlanSettings, CHECKED, "gripper_alone", 0.0),
        (PlanSettings, {}, "gripper_try_cost", 0.1),
        (PlanSettings, {}, "gripper_rest", 0.0),
        (PlanSettings, {}, "time_budget", 0.0),
        (PlanSettings, {}, "time_budget", NAN),
    ],
)
def test_bad_value_names_its_field(
    kind: Callable[..., object], good: dict[str, Any], field: str, value: object
) -> None:
    """The error says which setting is wrong and what it was; without it, all is well."""
    kind(**good)
    with pytest.raises(ValueError, match=rf"{kind.__name__}\.{field} must be .* got"):
        kind(**{**good, field: value})


def test_settings_are_frozen() -> None:
    """Settings do not change behind a planner's back."""
    settings = CrossEntropyMethod(**BUDGET)
    with pytest.raises(AttributeError):
        settings.samples = 64  # type: ignore[misc]
