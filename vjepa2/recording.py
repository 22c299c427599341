"""What a run leaves behind for people: task, pictures and course."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vjepa2_planner import Outcome
from vjepa2_sim.camera import Image
from vjepa2_sim.reach_attempt import Attempt
from vjepa2_sim.task_attempt import TaskAttempt, TaskStep
from vjepa2_sim.versions import versions


@dataclass(frozen=True)
class ShownStep:
    """A step as people are shown it.

    goal: name of the goal image. energy: of the view before the step. distance_m: of the end
    effector from where it is in that image, after the step. planning_seconds: with encoding.
    """

    goal: str
    energy: float
    distance_m: float
    planning_seconds: float


@dataclass(frozen=True, eq=False)
class Recording:
    """An attempt with pictures for people, larger than the model's.

    task: as in titles. success, verdict: whether it was done, by the simulator's state, and in
    words. outcome, reason: how the closed loop ended. figures: what this task alone has, for
    JSON. views: uint8 [S,S,3] RGB at the start and after each step. goals: for each view the goal
    image that was pursued then, of the same size.
    """

    task: str
    seed: int
    success: bool
    verdict: str
    outcome: Outcome
    reason: str
    steps: tuple[ShownStep, ...]
    figures: dict[str, Any]
    world_model: str
    preset: str
    goals: list[Image] = field(repr=False)
    views: list[Image] = field(repr=False)

    def summary(self) -> dict[str, Any]:
        """The figures of the run, ready for JSON."""
        seconds = [step.planning_seconds for step in self.steps]
        return {
            "task": self.task,
            "success": self.success,
            "outcome": self.outcome.name,
            "reason": self.reason,
            "steps": len(self.steps),
            **self.figures,
            "planning_seconds_median": float(np.median(seconds)) if seconds else None,
            "planning_seconds_p95": float(np.percentile(seconds, 95)) if seconds else None,
            "seed": self.seed,
            "world_model": self.world_model,
            "preset": self.preset,
            "versions": versions(),
        }


def reach_recording(attempt: Attempt, goal: Image, views: list[Image], **about: str) -> Recording:
    """Of a reach trial; about: world_model and preset."""
    distance = f"{100 * attempt.final_distance_m:.1f} cm from the goal"
    return Recording(
        "reach",
        attempt.seed,
        attempt.success,
        f"{'reached' if attempt.success else 'not reached'}: {distance}",
        attempt.outcome,
        attempt.reason,
        tuple(
            ShownStep("reach", energy, distance, seconds)
            for energy, distance, seconds in zip(
                attempt.energies, attempt.distances_m[1:], attempt.planning_seconds, strict=False
            )
        ),
        {
            "start_distance_m": attempt.start_distance_m,
            "final_distance_m": attempt.final_distance_m,
            "distances_m": list(attempt.distances_m),
            "energies": list(attempt.energies),
        },
        about["world_model"],
        about["preset"],
        [goal] * len(views),
        views,
    )


def task_recording(
    attempt: TaskAttempt, goals: dict[str, Image], views: list[Image], **about: str
) -> Recording:
    """Of a task with an object; goals: by the names of its sub-goals, the first one first."""
    names = [next(iter(goals)), *(step.sub_goal for step in attempt.steps)]
    return Recording(
        f"{attempt.task} {attempt.object}",
        attempt.seed,
        attempt.success,
        str(attempt.cause),
        attempt.outcome,
        attempt.reason,
        tuple(map(shown, attempt.steps)),
        {
            "object": attempt.object,
            "cause": str(attempt.cause),
            "energies": [step.energy for step in attempt.steps],
        },
        about["world_model"],
        about["preset"],
        [goals[name] for name in names],
        views,
    )


def shown(step: TaskStep) -> ShownStep:
    """A step of a task, for people."""
    distance = float(np.linalg.norm(step.hand_error_m))
    planning = step.timing.encoding + step.timing.planning
    return ShownStep(step.sub_goal, step.energy, distance, planning)
