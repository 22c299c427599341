"""The planner's parameters and the presets of the library."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from vjepa2_planner import PRESETS, Box, L1Ball, PlanSettings
from vjepa2_planning.planner_parameters import FINGERS, OPTIMISERS, PARAMETERS, preset_from

CONFIG = Path(__file__).parents[2] / "config"
DEFAULTS = {parameter.name: parameter.default for parameter in PARAMETERS}


def _values(preset: str) -> dict[str, Any]:
    """Values of the planner's parameters under a preset's file."""
    sections = yaml.safe_load((CONFIG / f"{preset}.yaml").read_text())
    return DEFAULTS | _flat(sections["/**/planner"]["ros__parameters"])


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


@pytest.mark.parametrize("name", ["paper", "fast", "demo_sim", "demo_tasks"])
def test_the_file_of_a_preset_is_the_preset(name: str) -> None:
    """Both ways of naming a preset plan alike, setting by setting."""
    assert preset_from(_values(name)) == PRESETS[name]


@pytest.mark.parametrize("name", ["paper", "fast", "demo_sim", "demo_tasks", "franka_lab"])
def test_a_preset_sets_only_what_there_is(name: str) -> None:
    """A misspelt parameter would be ignored by ROS without a word."""
    assert set(_values(name)) == set(DEFAULTS)
    for parameter in PARAMETERS:
        assert parameter.fault(_values(name)[parameter.name]) == ""


def test_the_defaults_are_the_papers() -> None:
    """A planner started without a preset plans as section 4 says."""
    assert preset_from(DEFAULTS) == PRESETS["paper"]


def test_the_constraint_is_chosen_by_name() -> None:
    """With its radius and the gripper's limit."""
    ball = DEFAULTS | {"constraint": "l1_ball", "radius": 0.05, "gripper_limit": 0.5}
    assert preset_from(ball).constraint == L1Ball(radius=0.05, gripper_limit=0.5)
    assert preset_from(ball | {"constraint": "box"}).constraint == Box(0.05, 0.5)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"elites": 801}, "elites"),
        ({"far_above": 0.2, "far.elites": 900}, "elites"),
    ],
)
def test_settings_that_do_not_fit_are_named(change: dict[str, Any], named: str) -> None:
    """More elites than samples are no plan."""
    with pytest.raises(ValueError, match=named):
        preset_from(DEFAULTS | change)


@pytest.mark.parametrize("kind", [*OPTIMISERS.values(), PlanSettings])
def test_every_setting_of_an_optimiser_is_a_parameter(kind: type[Any]) -> None:
    """A setting that is new in the library must not stay out of a lab's reach."""
    for field in fields(kind):
        if field.name != "descent":  # the settings of gradient descent
            assert field.name in DEFAULTS
            assert (f"far.{field.name}" in DEFAULTS) == (field.name not in FINGERS)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_the_optimiser_is_chosen_by_name(name: str) -> None:
    """Near the goal and far from it."""
    values = DEFAULTS | {"optimiser": name, "far.optimiser": name, "far_above": 0.1}
    chosen = preset_from(values)
    assert isinstance(chosen.optimiser, OPTIMISERS[name])
    assert chosen.far is not None
    assert isinstance(chosen.far.optimiser, OPTIMISERS[name])


def test_no_time_budget_is_none() -> None:
    """0 stands for no limit; another number is seconds."""
    assert preset_from(DEFAULTS).settings.time_budget == math.inf
    assert preset_from(DEFAULTS | {"time_budget": 0.2}).settings.time_budget == 0.2
