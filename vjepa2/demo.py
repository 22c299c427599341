"""One task in closed loop through the ROS 2 nodes: goal images, a simulated Franka."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from vjepa2.live_steps import LiveSteps
from vjepa2.recording import Recording, ShownStep, reach_recording, shown, task_recording
from vjepa2.report import report_page
from vjepa2.run_folder import link_latest, new_run_folder
from vjepa2_bringup.ros_bench import RosBench, open_ros_bench
from vjepa2_planner import PRESETS
from vjepa2_sim.camera import Image
from vjepa2_sim.exit_status import FAULT
from vjepa2_sim.film import write_film
from vjepa2_sim.open_world_model import HELP
from vjepa2_sim.reach import draw_reach_trial, goal_picture
from vjepa2_sim.reach_attempt import BUDGET
from vjepa2_sim.reach_attempt import ShownStep as RunningStep
from vjepa2_sim.task_attempt import TaskStep
from vjepa2_sim.task_bench import goal_images, task_twin
from vjepa2_sim.task_draw import OBJECTS, TASKS, draw_task_trial

EXAMPLES = """examples:
  vjepa2 demo
  vjepa2 demo --seed 100007 --steps 8
  vjepa2 demo --task pick_and_place --object cup
  vjepa2 demo --world-model simulator

Exit status: 0 done, 1 not done, 2 a fault, 130 interrupted.
"""
SEED = 100_000
PICTURE = 384
"""Edge in pixels of the pictures for people; the model has its own."""


def main(arguments: Sequence[str]) -> int:
    """Command line; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.task == "reach" and options.object:
        parser.error("--object is for the tasks with an object: add --task pick_and_place")
    if options.task != "reach" and options.steps is not None:
        parser.error("--steps is for reach; the other tasks have budgets of their own")
    if options.task != "reach" and options.world_model == "simulator":
        parser.error("the nodes serve no simulator that knows of objects: only reach has it")
    if options.steps is not None and options.steps < 1:
        parser.error("--steps must be at least 1")
    options.preset = options.preset or ("demo_sim" if options.task == "reach" else "demo_tasks")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    console = Console(highlight=False)
    recording = _record(options, console)
    folder = new_run_folder(options.out)
    keep(recording, folder)
    console.print(_verdict(recording))
    console.print(f"see {folder / 'index.html'}", soft_wrap=True)
    if recording.outcome.fault:
        return FAULT
    return 0 if recording.success else 1


def keep(recording: Recording, folder: Path) -> None:
    """Write the figures, the film and the page of a run, then call it the latest."""
    (folder / "summary.json").write_text(json.dumps(recording.summary(), indent=2) + "\n")
    write_film(folder / "video.mp4", recording.views, recording.goals)
    (folder / "index.html").write_text(report_page(recording), encoding="utf-8")
    link_latest(folder)


def _record(options: argparse.Namespace, console: Console) -> Recording:
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
        play = _reach if options.task == "reach" else _task
        return play(options, bench, console)


def _reach(options: argparse.Namespace, bench: RosBench, console: Console) -> Recording:
    trial, budget = draw_reach_trial(options.seed), options.steps or BUDGET
    console.print(
        f"reach, seed {trial.seed}: {trial.distance_m * 100:.1f} cm to go, "
        f"{budget} steps, world model {options.world_model}",
        soft_wrap=True,
    )
    views: list[Image] = []
    with LiveSteps(console) as live:

        def on_look(step: RunningStep | None, distance_m: float) -> None:
            views.append(bench.picture(PICTURE))
            if step is not None:
                live.show(ShownStep("reach", step.energy, distance_m, step.planning_seconds))

        attempt = bench.attempt_reach(trial.seed, budget, on_look)
    goal = goal_picture(trial, PICTURE)
    return reach_recording(
        attempt, goal, views, world_model=options.world_model, preset=options.preset
    )


def _task(options: argparse.Namespace, bench: RosBench, console: Console) -> Recording:
    trial = draw_task_trial(options.task, options.object or "box", options.seed)
    console.print(
        f"{trial.task} {trial.object}, seed {trial.seed}: {len(trial.sub_goals)} goal images, "
        f"{sum(goal.steps for goal in trial.sub_goals)} steps, world model {options.world_model}",
        soft_wrap=True,
    )
    views: list[Image] = []
    with LiveSteps(console) as live:

        def on_step(step: TaskStep | None) -> None:
            views.append(bench.picture(PICTURE))
            if step is not None:
                live.show(shown(step))

        attempt = bench.attempt_task(trial, on_step=on_step)
    pictures = goal_images(trial, task_twin(), PICTURE)
    goals = {goal.name: picture for goal, picture in zip(trial.sub_goals, pictures, strict=True)}
    return task_recording(
        attempt, goals, views, world_model=options.world_model, preset=options.preset
    )


def _verdict(recording: Recording) -> str:
    if recording.outcome.fault:
        return f"[red]fault[/] {recording.outcome.name}: {recording.reason}"
    return f"[green]{recording.verdict}[/]" if recording.success else recording.verdict


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vjepa2 demo",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--task", choices=["reach", *TASKS], default="reach")
    parser.add_argument("--object", choices=OBJECTS, help="what is handled (default: box)")
    parser.add_argument("--seed", type=int, default=SEED, help="of start, goal, camera and light")
    parser.add_argument("--world-model", default="bundled", help=HELP)
    parser.add_argument(
        "--preset",
        choices=sorted(PRESETS),
        help="default: demo_sim for reach, demo_tasks for the others",
    )
    parser.add_argument("--steps", type=int, help=f"actions at most; reach (default: {BUDGET})")
    parser.add_argument(
        "--distributed",
        action="store_true",
        help="world model and planner in processes of their own, as on two hosts",
    )
    parser.add_argument("--out", type=Path, default=Path("runs"), help="folder of all runs")
    return parser
