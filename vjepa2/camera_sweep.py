"""How well a world model's camera may be placed: calibration and reaching over its angle.

In simulation, with the arm's joints set directly rather than through the robot's protocol: per
angle one calibration, then reach trials without and with its rotation (V-JEPA 2, figure 16).
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.status import Status

from vjepa2.option_types import count, positive
from vjepa2_planner import PRESETS, preset
from vjepa2_sim.camera_sweep import Sweep, SweepPoint, fitted_line
from vjepa2_sim.camera_sweep_plot import plot_sweep
from vjepa2_sim.direct_bench import open_direct_bench
from vjepa2_sim.exit_status import exit_status
from vjepa2_sim.open_world_model import HELP, open_world_model
from vjepa2_sim.turned_arm import TurnedArm

EXAMPLES = """examples:
  vjepa2 camera-sweep                                     35 to 85 degrees, into docs/
  vjepa2 camera-sweep --first 50 --last 70 --step 2 --trials 10 --out runs/sweep
  vjepa2 camera-sweep --first 60 --last 60 --artificial-rotation 45 --trials 20 --out runs/turned
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not options.first <= options.last:
        parser.error("--first must not be over --last")
    angles = np.arange(options.first, options.last + 1e-6, options.step).tolist()
    world_model, size = open_world_model(options.world_model)
    sweep = Sweep(
        world_model, size, preset(options.preset), options.moves, options.trials, options.seed
    )
    console = Console(highlight=False)
    points = []
    with open_direct_bench() as bench:
        if options.artificial_rotation:
            assert not isinstance(bench.arm, TurnedArm)
            bench = replace(bench, arm=TurnedArm(bench.arm, options.artificial_rotation))
        for angle in angles:
            where = f"camera at {angle:g} degrees"
            with Console(stderr=True).status(where) as status:

                def show(phase: str, where: str = where, status: Status = status) -> None:
                    status.update(f"{where}: {phase}")

                points.append(sweep.at(bench, angle, show))
            _print_line(points[-1], console)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    _write_csv(points, options.out.with_suffix(".csv"))
    title = f"world model {options.world_model}, {options.moves} moves, {options.trials} reaches"
    plot_sweep(points, title, options.out.with_suffix(".png"))
    if (line := fitted_line(points)) is not None:
        console.print(f"rotation = {line[0]:+.3f} x angle {line[1]:+.1f} degrees")
    return 0


def _row(point: SweepPoint) -> dict[str, str]:
    return {
        "camera_deg": f"{point.camera_deg:g}",
        "rotation_deg": f"{point.rotation_deg:.2f}",
        "condition": f"{point.condition_number:.2f}",
        "error_before_cm": f"{100 * point.error_before:.2f}",
        "error_after_cm": f"{100 * point.error_after:.2f}",
        "verdict": "PASS" if point.passed else "FAIL",
        "trials": f"{len(point.turned.distances_m)}",
        "reached_without": f"{point.without.reached}",
        "reached_with": f"{point.turned.reached}",
        "median_without_cm": f"{100 * point.without.median_m:.1f}",
        "median_with_cm": f"{100 * point.turned.median_m:.1f}",
        "steps_without": f"{point.without.median_steps:g}",
        "steps_with": f"{point.turned.median_steps:g}",
    }


def _write_csv(points: Sequence[SweepPoint], path: Path) -> None:
    partial = path.with_name(path.name + ".partial")
    rows = [_row(point) for point in points]
    with partial.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    partial.replace(path)


def _print_line(point: SweepPoint, console: Console) -> None:
    console.print(", ".join(f"{k} {v}" for k, v in _row(point).items()), soft_wrap=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vjepa2 camera-sweep",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--first", type=float, default=35.0, help="camera angle [degrees] (35)")
    parser.add_argument("--last", type=float, default=85.0, help="camera angle [degrees] (85)")
    parser.add_argument("--step", type=positive, default=5.0, help="[degrees] (5)")
    parser.add_argument("--moves", type=count, default=60, help="of each calibration (60)")
    parser.add_argument("--trials", type=count, default=5, help="reaches an angle, twice (5)")
    parser.add_argument("--seed", type=int, default=0, help="of moves and trials (0)")
    parser.add_argument("--world-model", default="bundled", help=HELP)
    parser.add_argument("--preset", choices=sorted(PRESETS), default="demo_sim")
    parser.add_argument(
        "--artificial-rotation",
        type=float,
        default=0.0,
        metavar="DEG",
        help="the arm turns each command by -DEG (0)",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("docs/camera_sweep"), help="of the .png and the .csv"
    )
    return parser


if __name__ == "__main__":
    sys.exit(exit_status(main))
