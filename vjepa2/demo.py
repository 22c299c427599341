"""One reach task in closed loop through the ROS 2 nodes: a goal image, a simulated Franka."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from vjepa2.live_steps import LiveSteps
from vjepa2.recording import Recording
from vjepa2.report import report_page
from vjepa2.run_folder import link_latest, new_run_folder
from vjepa2_bringup.ros_bench import open_ros_bench
from vjepa2_planner import PRESETS
from vjepa2_sim.camera import Image
from vjepa2_sim.exit_status import FAULT
from vjepa2_sim.film import write_film
from vjepa2_sim.open_world_model import HELP
from vjepa2_sim.reach import draw_reach_trial, goal_picture
from vjepa2_sim.reach_attempt import BUDGET, Attempt, ShownStep

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
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.steps < 1:
        parser.error("--steps must be at least 1")
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
    goals = [recording.goal] * len(recording.views)
    write_film(folder / "video.mp4", recording.views, goals)
    (folder / "index.html").write_text(report_page(recording), encoding="utf-8")
    link_latest(folder)


def _record(options: argparse.Namespace, console: Console) -> Recording:
    trial = draw_reach_trial(options.seed)
    goal = goal_picture(trial, PICTURE)
    views: list[Image] = []
    starting = console.status("starting the nodes")
    starting.start()
    with ExitStack() as stack:
        stack.callback(starting.stop)
        bench = stack.enter_context(
            open_ros_bench(
                model=options.world_model,
                preset=options.preset,
                composed=not options.distributed,
                on_progress=starting.update,
            )
        )
        starting.stop()
        console.print(
            f"reach, seed {trial.seed}: {trial.distance_m * 100:.1f} cm to go, "
            f"{options.steps} steps, world model {options.world_model}",
            soft_wrap=True,
        )

        live = stack.enter_context(LiveSteps(console))

        def on_look(step: ShownStep | None, distance_m: float) -> None:
            views.append(bench.picture(PICTURE))
            live.show(step, distance_m)

        attempt = bench.attempt_reach(trial.seed, options.steps, on_look)
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
    parser.add_argument(
        "--distributed",
        action="store_true",
        help="world model and planner in processes of their own, as on two hosts",
    )
    parser.add_argument("--out", type=Path, default=Path("runs"), help="folder of all runs")
    return parser
