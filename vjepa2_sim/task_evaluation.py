"""Success over many unseen trials of a task with an object, with its causes of failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.stats import binomtest

from vjepa2_planner import WorldModel
from vjepa2_sim.camera import Image
from vjepa2_sim.contact_bench import open_contact_bench
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.film import write_film
from vjepa2_sim.object_world_model import ObjectWorldModel
from vjepa2_sim.open_world_model import DEFAULT_SIZE, open_world_model
from vjepa2_sim.planner_for import finger_check_for, planner_for
from vjepa2_sim.task_attempt import OnStep, TaskAttempt, TaskStep, attempt_task
from vjepa2_sim.task_bench import goal_images, open_task_bench, task_twin
from vjepa2_sim.task_draw import draw_task_trial
from vjepa2_sim.task_success import Cause
from vjepa2_sim.task_trial import TaskTrial
from vjepa2_sim.versions import versions

PICTURE = 256
"""Edge in pixels of the films of failures."""

Play = Callable[[TaskTrial, Path | None], TaskAttempt]
"""Plays a trial; writes a film of it there if it fails."""


@dataclass(frozen=True)
class _Player:
    """attempt: plays a trial, showing each step. look: what the camera sees now, for people.
    twin: poses for what they are shown of the goals."""

    attempt: Callable[[TaskTrial, OnStep], TaskAttempt]
    look: Callable[[], Image]
    twin: DirectDriver

    def __call__(self, trial: TaskTrial, film: Path | None) -> TaskAttempt:
        views: list[Image] = []
        shown: list[str] = []

        def on_step(step: TaskStep | None) -> None:
            if film is None:
                return
            views.append(self.look())
            shown.append(trial.sub_goals[0].name if step is None else step.sub_goal)

        attempt = self.attempt(trial, on_step)
        if film is not None and not attempt.success:
            pictures = goal_images(trial, self.twin, PICTURE)
            named = {g.name: picture for g, picture in zip(trial.sub_goals, pictures, strict=True)}
            write_film(film, views, [named[name] for name in shown])
        return attempt


@contextmanager
def in_this_process(model: str, preset_name: str, direct: bool) -> Iterator[Play]:
    """Plays with the libraries alone: through the franky driver, or without robot protocol."""
    world_model: WorldModel[Any]
    world_model, size = (
        (ObjectWorldModel(), DEFAULT_SIZE) if model == "simulator" else open_world_model(model)
    )
    planner = planner_for(world_model, preset_name)
    with open_contact_bench() if direct else open_task_bench() as bench:
        yield _Player(
            lambda trial, on_step: attempt_task(
                bench,
                trial,
                world_model,
                planner,
                size,
                on_step,
                fingers=finger_check_for(world_model, preset_name),
            ),
            lambda: bench.table.capture(PICTURE).image,
            bench.twin,
        )


@contextmanager
def through_ros(model: str, preset_name: str) -> Iterator[Play]:
    """Plays through the ROS 2 nodes, each in a process of its own."""
    # Only here: the libraries know nothing of ROS, and run where it is not installed.
    from vjepa2_bringup.ros_bench import open_ros_bench

    with open_ros_bench(model=model, preset=preset_name) as bench:
        yield _Player(
            lambda trial, on_step: bench.attempt_task(trial, on_step=on_step),
            lambda: bench.picture(PICTURE),
            task_twin(),
        )


def evaluate_task(
    play: Play,
    task: str,
    thing: str,
    seeds: Sequence[int],
    films: Path | None = None,
    console: Console | None = None,
) -> list[TaskAttempt]:
    """One attempt for each seed; progress goes to `console`, films of failures to `films`."""
    attempts: list[TaskAttempt] = []
    for seed in seeds:
        film = None if films is None else films / f"{task}_{thing}_{seed}.mp4"
        attempts.append(play(draw_task_trial(task, thing, seed), film))
        if console is not None:
            done = sum(attempt.success for attempt in attempts)
            console.print(
                f"{task} {thing}, seed {seed}: {attempts[-1].cause}; "
                f"{done} of {len(attempts)} so far"
            )
    return attempts


def task_summary(attempts: Sequence[TaskAttempt], **about: Any) -> dict[str, Any]:
    """The figures of an evaluation; `interval_95` is Wilson's."""
    successes = sum(attempt.success for attempt in attempts)
    interval = binomtest(successes, len(attempts)).proportion_ci(method="wilson")
    seconds = [s for attempt in attempts for s in attempt.planning_seconds]
    first = attempts[0]
    return {
        **about,
        "task": first.task,
        "object": first.object,
        "success_rate": successes / len(attempts),
        "interval_95": [interval.low, interval.high],
        "causes": dict(Counter(str(a.cause) for a in attempts if not a.success).most_common()),
        "budgets": budgets(first),
        "planning_seconds_median": float(np.median(seconds)) if seconds else None,
        "planning_seconds_p95": float(np.percentile(seconds, 95)) if seconds else None,
        "versions": versions(),
        "trials": [
            asdict(attempt) | {"cause": str(attempt.cause), "outcome": attempt.outcome.name}
            for attempt in attempts
        ],
    }


def budgets(attempt: TaskAttempt) -> dict[str, int]:
    """Most steps of each sub-goal."""
    trial = draw_task_trial(attempt.task, attempt.object, attempt.seed)
    return {goal.name: goal.steps for goal in trial.sub_goals}


def task_table(figures: dict[str, Any]) -> Table:
    """One line for people, and what the failures were."""
    low, high = figures["interval_95"]
    table = Table(
        "task", "object", "world model", "success", "95 % interval", "failures", "planning"
    )
    failures = ", ".join(f"{count} {cause}" for cause, count in figures["causes"].items())
    table.add_row(
        figures["task"],
        figures["object"],
        str(figures.get("world_model", "")),
        f"{figures['success_rate']:.0%} of {len(figures['trials'])}",
        f"{low:.0%} to {high:.0%}",
        failures or "none",
        f"{figures['planning_seconds_median'] or 0:.2f} s",
    )
    return table


def any_fault(attempts: Sequence[TaskAttempt]) -> bool:
    """Whether an attempt ended by a fault rather than by its budget."""
    return any(attempt.cause is Cause.FAULT for attempt in attempts)
