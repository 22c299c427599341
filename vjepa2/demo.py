"""One reach task in closed loop: a goal image, a simulated Franka, and the world model between."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from vjepa2.live_steps import LiveSteps
from vjepa2.recording import Recording
from vjepa2.report import report_page
from vjepa2.run_folder import link_latest, new_run_folder
from vjepa2.video import write_video
from vjepa2_planner import PRESETS, Step, preset
from vjepa2_sim.bench import open_bench
from vjepa2_sim.camera import Image
from vjepa2_sim.exit_status import FAULT
from vjepa2_sim.open_world_model import HELP, open_world_model
from vjepa2_sim.reach import draw_reach_trial
from vjepa2_sim.reach_attempt import BUDGET, Attempt, attempt_reach

EXAMPLES = """examples:
  vjepa2 demo
  vjepa2 demo --seed 100007 --steps 8
  vjepa2 demo --world-model simulator

Exit status: 0 reached, 1 not reached, 2 a fault, 130 interrupted.
"""
SEED = 100_000
PICTURE = 384
"""Edge in pixels of the pictures for people; the model has its own."""


def main(arguments: Sequence[str]) -> int:
    """Command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    console = Console(highlight=False)
    recording = _record(options, console)
    folder = new_run_folder(options.out)
    keep(recording, folder)
    console.print(_verdict(recording.attempt))
    console.print(f"see {folder / 'index.html'}", soft_wrap=True)
    if recording.attempt.outcome.fault:
        return FAULT
    return 0 if recording.attempt.success else 1


def keep(recording: Recording, folder: Path) -> None:
    """Write the figures, the film and the page of a run, then call it the latest."""
    (folder / "summary.json").write_text(json.dumps(recording.summary(), indent=2) + "\n")
    write_video(folder / "video.mp4", recording.views, recording.goal)
    (folder / "index.html").write_text(report_page(recording), encoding="utf-8")
    link_latest(folder)


def _record(options: argparse.Namespace, console: Console) -> Recording:
    trial = draw_reach_trial(options.seed)
    views: list[Image] = []
    world_model, size = open_world_model(options.world_model)
    console.print("starting the simulation and the arm")
    with open_bench() as bench:
        goal = bench.goal_image(trial, PICTURE)
        console.print(
            f"reach, seed {trial.seed}: {trial.distance_m * 100:.1f} cm to go, "
            f"{options.steps} steps, world model {options.world_model}",
            soft_wrap=True,
        )
        with LiveSteps(console) as live:

            def on_look(step: Step | None, distance_m: float) -> None:
                views.append(bench.table.capture(PICTURE).image)
                live.show(step, distance_m)

            attempt = attempt_reach(
                bench,
                trial,
                world_model,
                preset(options.preset).planner(),
                size,
                options.steps,
                on_look,
            )
    return Recording(attempt, options.world_model, options.preset, goal, views)


def _verdict(attempt: Attempt) -> str:
    if attempt.outcome.fault:
        return f"[red]fault[/] {attempt.outcome.name}: {attempt.reason}"
    distance = f"{attempt.final_distance_m * 100:.1f} cm from the goal"
    return f"[green]reached[/]: {distance}" if attempt.success else f"not reached: {distance}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vjepa2 demo",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=SEED, help="of start, goal, camera and light")
    parser.add_argument("--world-model", default="bundled", help=HELP)
    parser.add_argument("--preset", choices=sorted(PRESETS), default="demo_sim")
    parser.add_argument("--steps", type=int, default=BUDGET, help="actions at most")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="folder of all runs")
    return parser
