"""What a run leaves behind for people: task, pictures and course."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vjepa2_sim.camera import Image
from vjepa2_sim.reach_attempt import Attempt
from vjepa2_sim.versions import versions


@dataclass(frozen=True, eq=False)
class Recording:
    """An attempt with pictures for people, larger than the model's.

    goal: uint8 [S,S,3] RGB. views: the same at the start and after each step.
    """

    attempt: Attempt
    world_model: str
    preset: str
    goal: Image
    views: list[Image] = field(repr=False)

    def summary(self) -> dict[str, Any]:
        """The figures of the run, ready for JSON."""
        attempt = self.attempt
        seconds = attempt.planning_seconds
        return {
            "task": "reach",
            "success": attempt.success,
            "outcome": attempt.outcome.name,
            "reason": attempt.reason,
            "steps": len(seconds),
            "start_distance_m": attempt.start_distance_m,
            "final_distance_m": attempt.final_distance_m,
            "planning_seconds_median": float(np.median(seconds)) if seconds else None,
            "planning_seconds_p95": float(np.percentile(seconds, 95)) if seconds else None,
            "seed": attempt.seed,
            "world_model": self.world_model,
            "preset": self.preset,
            "distances_m": list(attempt.distances_m),
            "energies": list(attempt.energies),
            "versions": versions(),
        }
