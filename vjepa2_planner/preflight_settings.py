"""Thresholds of the checks before a task, and what they find."""

from dataclasses import dataclass, fields

import numpy as np

from vjepa2_planner.task_code import TaskCode


@dataclass(frozen=True)
class PreflightSettings:
    """Thresholds.

    max_clock_skew: how far in the future a stamp may lie. brightness_ratio: between goal and live
    view. max_black, max_saturated: shares of pixels without detail, in the live view.
    share_difference: by how much these shares may differ between goal and live view.
    """

    min_rate: float = 5.0  # [Hz]
    max_age: float = 0.5  # of the newest image and of the newest state [s]
    max_clock_skew: float = 0.05  # [s]
    brightness_ratio: float = 1.5
    max_black: float = 0.9
    max_saturated: float = 0.5
    share_difference: float = 0.25

    def __post_init__(self) -> None:
        for field in fields(self):
            least = 1.0 if field.name == "brightness_ratio" else 0.0
            value = getattr(self, field.name)
            if not least <= value < np.inf:
                raise ValueError(f"{field.name} must be at least {least:g}, not {value}")


@dataclass(frozen=True)
class PreflightFault:
    """One reason not to start, in a sentence that says what to do."""

    code: TaskCode
    sentence: str
