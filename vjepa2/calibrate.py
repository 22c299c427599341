"""Find the rotation between a camera's view and the arm's axes, in simulation or from a recording.

The arm makes random moves of 5 cm in the x-y plane; the world model infers each from its two
pictures; the rotation between both is solved for (V-JEPA 2, appendix B.4).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.prompt import Confirm

from vjepa2.calibration_check import check
from vjepa2.calibration_report import report_table
from vjepa2.option_types import count, positive
from vjepa2_planner import WorldModel
from vjepa2_planner.calibration import (
    CameraId,
    Grid,
    Moves,
    Pair,
    Solution,
    Thresholds,
    Verdict,
    calibration_of,
    count_pairs,
    infer_moves,
    judge,
    plot_calibration,
    read_pairs,
    recorded,
    recorded_camera,
    reference_view,
    solve,
    write_calibration,
)
from vjepa2_planner.calibration.moves import MOVES
from vjepa2_sim.bench import Bench, open_bench
from vjepa2_sim.calibration_run import SECONDS_PER_MOVE, planned, record, set_up
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.direct_bench import open_direct_bench
from vjepa2_sim.exit_status import exit_status
from vjepa2_sim.open_world_model import HELP, open_world_model
from vjepa2_sim.simulator_world_model import SimulatorWorldModel
from vjepa2_sim.turned_arm import TurnedArm

EXAMPLES = """examples:
  vjepa2 calibrate --yes                                  through the simulated robot's protocol
  vjepa2 calibrate --direct --yes --camera-angle 70       without it, which is faster
  vjepa2 calibrate --direct --yes --artificial-rotation 45   must find 45 degrees more
  vjepa2 calibrate --direct --yes --record pairs --moves 100
  vjepa2 calibrate --from pairs --out camera.json         solve again, nothing moves
  vjepa2 calibrate --check camera.json --direct           is it old, was the camera moved?

Exit status: 0 PASS, 1 FAIL (or a warning of --check), 2 fault, 130 interrupted.
"""
REFERENCE_FRAMES = 40
STREAM, SERIAL = "camera_optical_frame", "simulation"
"""As the simulation node has it, so that its files are valid through ROS 2 as well."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False)
    if options.check is not None:
        return _check(options, console)
    world_model, size = open_world_model(options.world_model)
    with _source(options, world_model, size, console) as (pairs, total, camera):
        moves, frames = _measured(pairs, total, world_model, console)
    solution = solve(*moves.arrays(), left_out=moves.left_out, seed=options.seed)
    thresholds = Thresholds(options.max_condition, options.max_error / 100, options.min_pairs)
    verdict = judge(solution, thresholds)
    _keep(options.out, solution, verdict, camera, frames, console)
    return 0 if verdict.passed else 1


@contextmanager
def _source(
    options: argparse.Namespace, world_model: WorldModel[Any], size: int, console: Console
) -> Iterator[tuple[Iterator[Pair], int, CameraId]]:
    """Pairs, how many, and of which camera."""
    folder: Path | None = options.source
    if folder is not None:
        yield read_pairs(folder), count_pairs(folder), recorded_camera(folder)
        return
    plan = planned(options.moves, options.seed)
    _confirm(options, plan.seconds(SECONDS_PER_MOVE["direct" if options.direct else "franky"]))
    camera = CameraId(SERIAL, STREAM, size, size)
    with _opened(options) as bench:
        looks_at_states = isinstance(world_model, SimulatorWorldModel)
        pairs = record(bench, plan, None if looks_at_states else size)
        if options.record is not None:
            pairs = recorded(pairs, options.record, camera)
        yield pairs, options.moves, camera


def _confirm(options: argparse.Namespace, seconds: float) -> None:
    """Say what is going to move, and go on only where that is wanted."""
    about = (
        f"{options.moves} moves of 5 cm in the x-y plane, at one height, within 22 x 22 cm; "
        f"the arm needs about {max(seconds / 60, 0.1):.1f} min, the inference comes on top"
    )
    console = Console(stderr=True, highlight=False)
    console.print(about, soft_wrap=True)
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise ValueError("nobody is there to confirm the moves: give --yes")
    if not Confirm.ask("Start?", console=console, default=False):
        raise KeyboardInterrupt


@contextmanager
def _opened(options: argparse.Namespace) -> Iterator[Bench]:
    with open_direct_bench() if options.direct else open_bench() as bench:
        set_up(bench, CameraPlacement(angle_deg=options.camera_angle))
        arm = bench.arm
        if options.artificial_rotation:
            assert not isinstance(arm, TurnedArm)
            bench = replace(bench, arm=TurnedArm(arm, options.artificial_rotation))
        yield bench


def _measured(
    pairs: Iterator[Pair], total: int, world_model: WorldModel[Any], console: Console
) -> tuple[Moves, list[NDArray[Any]]]:
    """The inferred moves, and some of the pictures."""
    frames: list[NDArray[Any]] = []
    every = max(total // REFERENCE_FRAMES, 1)

    def shown() -> Iterator[Pair]:
        progress = track(pairs, "moves", total=total, console=Console(stderr=True), transient=True)
        for index, pair in enumerate(progress):
            if index % every == 0:
                frames.append(pair.before)
            yield pair

    return infer_moves(world_model, shown(), Grid()), frames


def _keep(
    out: Path,
    solution: Solution,
    verdict: Verdict,
    camera: CameraId,
    frames: Sequence[NDArray[Any]],
    console: Console,
) -> None:
    """Write the plot, and the calibration where it passed; show both."""
    out.parent.mkdir(parents=True, exist_ok=True)
    plot = out.with_name(f"{out.stem}_moves.png")
    plot_calibration(solution, verdict, plot)
    console.print(report_table(solution, verdict))
    for reason in verdict.reasons:
        console.print(f"[red]{reason}[/red]", soft_wrap=True)
    if verdict.passed:
        pictures = frames and np.ndim(frames[0]) == 3
        reference = reference_view(frames) if pictures else None
        write_calibration(out, calibration_of(solution, camera, datetime.now(UTC)), reference)
        console.print(f"calibration: {out}", soft_wrap=True)
    else:
        console.print("no calibration was written", soft_wrap=True)
    console.print(f"plot: {plot}", soft_wrap=True)


def _check(options: argparse.Namespace, console: Console) -> int:
    """Hold a calibration file against the live view."""
    _, size = open_world_model(options.world_model)
    with _opened(options) as bench:
        live = bench.table.capture(size).image
    warnings = check(options.check, CameraId(SERIAL, STREAM, size, size), live, console)
    return 1 if warnings else 0


def _parser() -> argparse.ArgumentParser:
    limits = Thresholds()
    parser = argparse.ArgumentParser(
        prog="vjepa2 calibrate",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--record", type=Path, metavar="FOLDER", help="keep the pairs there, too")
    source.add_argument(
        "--from", type=Path, dest="source", metavar="FOLDER", help="solve from recorded pairs"
    )
    source.add_argument(
        "--check", type=Path, metavar="FILE", help="hold a calibration against the live view"
    )
    parser.add_argument("--moves", type=count, default=MOVES, help=f"({MOVES})")
    parser.add_argument("--seed", type=int, default=0, help="of moves and held-out pairs (0)")
    parser.add_argument("--world-model", default="bundled", help=HELP)
    parser.add_argument("--direct", action="store_true", help="no dynamics and robot protocol")
    parser.add_argument(
        "--camera-angle",
        type=float,
        default=CameraPlacement().angle_deg,
        help="of the simulated camera: 0 behind the base, 90 at its left [degrees] (60)",
    )
    parser.add_argument(
        "--artificial-rotation",
        type=float,
        default=0.0,
        metavar="DEG",
        help="the arm turns each command by -DEG, as if the camera were turned (0)",
    )
    parser.add_argument("--out", type=Path, default=Path("runs/calibration/camera.json"))
    parser.add_argument("--yes", action="store_true", help="do not ask before the arm moves")
    parser.add_argument(
        "--max-condition",
        type=positive,
        default=limits.condition_number,
        help=f"threshold of the condition number ({limits.condition_number:g})",
    )
    parser.add_argument(
        "--max-error",
        type=positive,
        default=100 * limits.error_m,
        help=f"threshold of the error with the rotation [cm] ({100 * limits.error_m:g})",
    )
    parser.add_argument(
        "--min-pairs", type=count, default=limits.pairs, help=f"usable pairs ({limits.pairs})"
    )
    return parser


if __name__ == "__main__":
    sys.exit(exit_status(main))
