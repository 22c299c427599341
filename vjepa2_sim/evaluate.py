"""Success over many unseen trials of the tasks of the paper's table 2: `vjepa2 evaluate`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.stats import binomtest

from vjepa2_planner import PRESETS
from vjepa2_sim import task_evaluation
from vjepa2_sim.bench import open_bench
from vjepa2_sim.distance_plot import plot_distances
from vjepa2_sim.exit_status import FAULT, exit_status
from vjepa2_sim.open_world_model import HELP, open_world_model
from vjepa2_sim.planner_for import planner_for
from vjepa2_sim.reach import draw_reach_trial
from vjepa2_sim.reach_attempt import BUDGET, SUCCESS_M, Attempt, attempt_reach
from vjepa2_sim.task_draw import OBJECTS, TASKS
from vjepa2_sim.versions import versions

EXAMPLES = """examples:
  vjepa2 evaluate --task reach --trials 20 --seed 100000 --json reach.json
  vjepa2 evaluate --task reach --trials 20 --world-model simulator
  vjepa2 evaluate --task reach --world-model my_model.safetensors
  vjepa2 evaluate --task reach --trials 20 --through-ros
  vjepa2 evaluate --task grasp --object box --trials 50 --json grasp_box.json --films runs/films
  vjepa2 evaluate --task pick_and_place --object cup --direct
  vjepa2 evaluate --task pick_and_place --object box --trials 5 --through-ros
"""


Play = Callable[[int], Attempt]
"""Plays the trial of a seed."""


def evaluate_reach(
    play: Play, seeds: Sequence[int], console: Console | None = None
) -> list[Attempt]:
    """One attempt for each seed; progress goes to `console`."""
    attempts = []
    for seed in seeds:
        attempt = play(seed)
        attempts.append(attempt)
        if console is not None:
            console.print(
                f"seed {seed}: {attempt.start_distance_m * 100:.1f} -> "
                f"{attempt.final_distance_m * 100:.1f} cm, "
                f"{'reached' if attempt.success else 'not reached'} ({attempt.outcome.name}); "
                f"{sum(a.success for a in attempts)} of {len(attempts)} so far"
            )
    return attempts


@contextmanager
def in_this_process(model: str, preset_name: str, budget: int) -> Iterator[Play]:
    """Plays with the libraries alone, through the franky driver."""
    world_model, size = open_world_model(model)
    planner = planner_for(world_model, preset_name)
    with open_bench() as bench:
        yield lambda seed: attempt_reach(
            bench, draw_reach_trial(seed), world_model, planner, size, budget
        )


@contextmanager
def through_ros(model: str, preset_name: str, budget: int) -> Iterator[Play]:
    """Plays through the ROS 2 nodes, each in a process of its own."""
    # Only here: the libraries know nothing of ROS, and run where it is not installed.
    from vjepa2_bringup.ros_bench import open_ros_bench

    with open_ros_bench(model=model, preset=preset_name) as bench:
        yield lambda seed: bench.attempt_reach(seed, budget)


def summary(attempts: Sequence[Attempt], **about: Any) -> dict[str, Any]:
    """The figures of an evaluation; `interval_95` is Wilson's."""
    successes = sum(attempt.success for attempt in attempts)
    interval = binomtest(successes, len(attempts)).proportion_ci(method="wilson")
    seconds = [s for attempt in attempts for s in attempt.planning_seconds]
    timings = [timing for attempt in attempts for timing in attempt.timings]
    total = sum(timing.total for timing in timings)
    return {
        **about,
        "success_m": SUCCESS_M,
        "success_rate": successes / len(attempts),
        "interval_95": [interval.low, interval.high],
        "final_distance_m_median": float(np.median([a.final_distance_m for a in attempts])),
        "distance_m_median_by_step": median_by_step(attempts),
        "planning_seconds_median": float(np.median(seconds)) if seconds else None,
        "planning_seconds_p95": float(np.percentile(seconds, 95)) if seconds else None,
        "overhead_share": sum(t.overhead for t in timings) / total if total else None,
        "step_seconds_median": float(np.median([t.total for t in timings])) if timings else None,
        "versions": versions(),
        "trials": [
            asdict(a)
            | {"planning_seconds": list(a.planning_seconds)}
            | {"outcome": a.outcome.name}
            # JSON has no word for a number that is not finite.
            | {"energies": [e if np.isfinite(e) else None for e in a.energies]}
            for a in attempts
        ],
    }


def median_by_step(attempts: Sequence[Attempt]) -> list[float]:
    """Median distance in metres before the first step and after each one (paper, figure 8).

    An attempt that ended early counts with its last distance.
    """
    longest = max(len(attempt.distances_m) for attempt in attempts)
    padded = [
        attempt.distances_m + (attempt.distances_m[-1],) * (longest - len(attempt.distances_m))
        for attempt in attempts
    ]
    return [float(d) for d in np.median(padded, axis=0)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.trials < 1:
        parser.error("--trials must be at least 1")
    if options.task == "reach" and (options.object or options.direct or options.films):
        parser.error("--object, --direct and --films are for the tasks with an object")
    if options.task != "reach" and (options.steps or options.plot):
        parser.error("--steps and --plot are for reach; the other tasks have budgets of their own")
    if options.through_ros and options.direct:
        parser.error("--through-ros has the robot's protocol, which --direct does without")
    if options.through_ros and options.task != "reach" and options.world_model == "simulator":
        parser.error(
            "the nodes serve no simulator that knows of objects: leave out --through-ros, or give "
            "another --world-model"
        )

    for file in (options.json, options.plot):
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
    console = Console()
    seeds = range(options.seed, options.seed + options.trials)
    judge = _reach if options.task == "reach" else _task
    figures, table, fault = judge(options, seeds, console)
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1, allow_nan=False) + "\n")
    console.print(table)
    return FAULT if fault else 0


def _reach(
    options: argparse.Namespace, seeds: Sequence[int], console: Console
) -> tuple[dict[str, Any], Table, bool]:
    preset_name = options.preset or "demo_sim"
    steps = options.steps or BUDGET
    players = through_ros if options.through_ros else in_this_process
    with players(options.world_model, preset_name, steps) as play:
        attempts = evaluate_reach(play, seeds, console)
    figures = summary(attempts, **_about(options, preset_name), task="reach", steps=steps)
    if options.plot is not None:
        title = f"reach, world model {options.world_model}, {preset_name}"
        plot_distances(attempts, figures["distance_m_median_by_step"], title, options.plot)
    return figures, _table(figures), any(attempt.outcome.fault for attempt in attempts)


def _task(
    options: argparse.Namespace, seeds: Sequence[int], console: Console
) -> tuple[dict[str, Any], Table, bool]:
    preset_name = options.preset or "demo_tasks"
    if options.films is not None:
        options.films.mkdir(parents=True, exist_ok=True)
    players = (
        task_evaluation.through_ros(options.world_model, preset_name)
        if options.through_ros
        else task_evaluation.in_this_process(options.world_model, preset_name, options.direct)
    )
    with players as play:
        attempts = task_evaluation.evaluate_task(
            play, options.task, options.object or "cup", seeds, options.films, console
        )
    about = _about(options, preset_name) | {"direct": options.direct}
    figures = task_evaluation.task_summary(attempts, **about)
    return figures, task_evaluation.task_table(figures), task_evaluation.any_fault(attempts)


def _about(options: argparse.Namespace, preset_name: str) -> dict[str, Any]:
    return {
        "world_model": options.world_model,
        "preset": preset_name,
        "seed": options.seed,
        "through_ros": options.through_ros,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vjepa2 evaluate",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--task", choices=["reach", *TASKS], default="reach")
    parser.add_argument("--object", choices=OBJECTS, help="what is handled (default: cup)")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument(
        "--seed", type=int, default=100_000, help="of the first trial; the others count up from it"
    )
    parser.add_argument("--json", type=Path, help="file for figures and every trial")
    parser.add_argument("--plot", type=Path, help="PNG of the distances, step by step; reach")
    parser.add_argument("--films", type=Path, help="folder for a film of each failure")
    parser.add_argument("--world-model", default="bundled", help=HELP)
    parser.add_argument(
        "--preset",
        choices=sorted(PRESETS),
        help="default: demo_sim for reach, demo_tasks for the others",
    )
    parser.add_argument("--steps", type=int, help=f"actions a trial; reach (default: {BUDGET})")
    parser.add_argument(
        "--direct",
        action="store_true",
        help="contact physics without the robot's protocol and dynamics, ten times as fast",
    )
    parser.add_argument(
        "--through-ros",
        action="store_true",
        help="play through the ROS 2 nodes rather than the libraries alone",
    )
    return parser


def _table(figures: dict[str, Any]) -> Table:
    low, high = figures["interval_95"]
    table = Table("task", "world model", "success", "95 % interval", "median final", "planning")
    table.add_row(
        figures["task"],
        figures["world_model"],
        f"{figures['success_rate']:.0%} of {len(figures['trials'])}",
        f"{low:.0%} to {high:.0%}",
        f"{figures['final_distance_m_median'] * 100:.1f} cm",
        f"{figures['planning_seconds_median'] or 0:.2f} s",
    )
    return table


if __name__ == "__main__":
    sys.exit(exit_status(main))
