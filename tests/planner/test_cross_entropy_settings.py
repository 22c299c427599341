"""Bad settings are refused by name."""

from typing import Any

import pytest

from vjepa2_planner import CrossEntropySettings

GOOD: dict[str, Any] = {"samples": 32, "refinements": 4, "elites": 10}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("samples", 0),
        ("samples", 12.5),
        ("samples", True),
        ("refinements", 0),
        ("elites", 1),
        ("elites", 33),
        ("horizon", -1),
        ("translation_std", 0.0),
        ("translation_std", float("nan")),
        ("gripper_std", float("inf")),
        ("momentum_mean", 1.0),
        ("momentum_std", -0.1),
        ("momentum_mean_gripper", float("nan")),
        ("momentum_std_gripper", "0.15"),
        ("gripper_deadband", -0.25),
        ("hold_margin", 1.0),
    ],
)
def test_bad_value_names_its_field(field: str, value: object) -> None:
    """The error says which setting is wrong and what it was."""
    with pytest.raises(ValueError, match=rf"CrossEntropySettings\.{field} must be .* got"):
        CrossEntropySettings(**{**GOOD, field: value})


def test_settings_are_frozen() -> None:
    """Settings do not change behind a planner's back."""
    settings = CrossEntropySettings(**GOOD)
    with pytest.raises(AttributeError):
        settings.samples = 64  # type: ignore[misc]
