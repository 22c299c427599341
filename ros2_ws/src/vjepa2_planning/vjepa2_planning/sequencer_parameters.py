"""The sequencer's parameters."""

from __future__ import annotations

from dataclasses import fields

from vjepa2_node.parameters import Parameter, Values
from vjepa2_planner.preflight_settings import PreflightSettings

DEFAULTS = PreflightSettings()
PARAMETERS = (
    Parameter(
        "goal_folder", "~/.ros/vjepa2/goals", "folder that captured goals are kept in", fixed=True
    ),
    Parameter(
        "stall_window",
        0,
        "a task that asks for no window of its own ends with STALLED after so many steps without "
        "progress; 0: never",
        0,
        1000,
    ),
    Parameter("server_wait", 10.0, "wait for the planner to appear [s]", 0.1, 60.0),
    Parameter(
        "world_model_timeout", 60.0, "wait for the latent of a goal [s]", 0.1, 600.0, fixed=True
    ),
    Parameter("planner_timeout", 60.0, "wait for each step of the planner [s]", 0.1, 3600.0),
    Parameter(
        "stop_timeout", 10.0, "wait for the planner to end when asked to stop early [s]", 0.1, 60.0
    ),
    Parameter(
        "preflight.wait", 2.0, "give the checks so long to pass before they fail [s]", 0.0, 60.0
    ),
    Parameter("preflight.min_rate", DEFAULTS.min_rate, "least rate of images [Hz]", 0.0, 240.0),
    Parameter(
        "preflight.max_age",
        DEFAULTS.max_age,
        "largest age of the newest image and of the arm's newest state [s]",
        0.01,
        60.0,
    ),
    Parameter(
        "preflight.max_clock_skew",
        DEFAULTS.max_clock_skew,
        "how far in the future their stamps may lie [s]",
        0.0,
        10.0,
    ),
    Parameter(
        "preflight.brightness_ratio",
        DEFAULTS.brightness_ratio,
        "largest ratio of mean brightness between goal and live view",
        1.0,
        255.0,
    ),
    Parameter(
        "preflight.max_black", DEFAULTS.max_black, "largest black share of the view", 0.0, 1.0
    ),
    Parameter(
        "preflight.max_saturated",
        DEFAULTS.max_saturated,
        "largest blown-out share of the view",
        0.0,
        1.0,
    ),
    Parameter(
        "preflight.share_difference",
        DEFAULTS.share_difference,
        "largest difference of these shares between goal and live view",
        0.0,
        1.0,
    ),
)


def preflight_settings(values: Values) -> PreflightSettings:
    """The thresholds among the parameter values."""
    names = [field.name for field in fields(PreflightSettings)]
    return PreflightSettings(**{name: values[f"preflight.{name}"] for name in names})
