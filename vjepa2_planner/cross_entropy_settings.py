"""Settings of the cross-entropy method."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CrossEntropySettings:
    """Budget and sampling distribution; validated when made. Paper: section 3.2.

    ``momentum_*`` is the share of the old mean or std that a refinement keeps.
    ``fixed_gripper`` leaves the gripper as it is (reach tasks). ``include_mean`` makes candidate 0
    the current mean, so that standing still competes in the first refinement, and a good mean is
    not lost among few samples. ``hold_margin`` is the share of the energy of standing still that a
    plan must save; one that saves less becomes standing still, so that an arm at its goal does not
    wander by the model's error. ``repeat`` is for how many steps a candidate's actions are each
    imagined to be repeated: sight of several steps at the search space of one. None of the three
    is part of the paper's method.
    """

    samples: int
    refinements: int
    elites: int
    horizon: int = 1
    translation_std: float = 0.075  # first std of x, y and z [m]
    gripper_std: float = 1.0  # first std of the change of closedness
    momentum_mean: float = 0.15
    momentum_std: float = 0.15
    momentum_mean_gripper: float = 0.15
    momentum_std_gripper: float = 0.15
    gripper_deadband: float = 0.25  # a smaller final change of closedness becomes 0
    fixed_gripper: bool = False
    include_mean: bool = False
    hold_margin: float = 0.0
    repeat: int = 1

    def __post_init__(self) -> None:
        for name in ("samples", "refinements", "elites", "horizon", "repeat"):
            self._require(name, _is_count(getattr(self, name)), "an integer of at least 1")
        # The unbiased std of a single elite does not exist.
        self._require("elites", 2 <= self.elites <= self.samples, "from 2 to the sample count")
        for name in ("translation_std", "gripper_std"):
            self._require(name, _finite(getattr(self, name)) > 0, "a positive number")
        for name in ("mean", "std", "mean_gripper", "std_gripper"):
            share = _finite(getattr(self, f"momentum_{name}"))
            self._require(f"momentum_{name}", 0 <= share < 1, "in [0, 1)")
        self._require("hold_margin", 0 <= _finite(self.hold_margin) < 1, "in [0, 1)")
        self._require("gripper_deadband", 0 <= _finite(self.gripper_deadband) < 1, "in [0, 1)")

    def _require(self, name: str, satisfied: bool, remedy: str) -> None:
        if not satisfied:
            raise ValueError(
                f"CrossEntropySettings.{name} must be {remedy}, got {getattr(self, name)!r}"
            )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _finite(value: float) -> float:
    """``value``, or NaN, which no comparison accepts, where it is no finite number."""
    return value if isinstance(value, int | float) and math.isfinite(value) else math.nan
