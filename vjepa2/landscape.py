"""The energy landscape of figure 9: does its minimum lie where the true action does?"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor

from vjepa2.landscape_camera import add_extrinsics_option, give_camera, parse_extrinsics
from vjepa2.landscape_input import Pair, read_pair
from vjepa2.landscape_plot import plot_landscape
from vjepa2.option_types import positive
from vjepa2_models import bundled_checkpoint, load_world_model
from vjepa2_planner.landscape import (
    AXES,
    STANDING_STILL,
    Landscape,
    Minimum,
    Question,
    lowest_translation,
    plane_landscape,
)
from vjepa2_planner.world_model import WorldModel

EXAMPLES = """examples:
  vjepa2 landscape --npz franka_example_traj.npz --plane xz
  vjepa2 landscape --start now.png --goal goal.png --state "0.5 0 0.3 3.14 0 1.57 0"
  vjepa2 landscape --start now.png --goal goal.png --state "0.5 0 0.3 3.14 0 1.57 0" \\
      --goal-state "0.5 -0.1 0.3 3.14 0 1.57 0" --weights vjepa2-ac-vitg.pt

Writes landscape.png and landscape.csv. Both pictures are of one fixed camera. States are in the
robot's base frame: metres, extrinsic xyz Euler angles in radians, closedness 0 (open) to 1.
"""
BOX_M = 0.075
"""Largest change per axis that the planner considers (paper, section 3.2)."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    options = _parser().parse_args(arguments)
    pair = read_pair(options)
    held = _held(options.hold, pair.true_action)
    pose = parse_extrinsics(options.extrinsics)
    world_model = load_world_model(
        options.weights or bundled_checkpoint(), options.config, device=options.device
    )
    give_camera(world_model, pose)
    console = Console(highlight=False, markup=False)
    radius = options.radius or covering_radius(pair.true_action)
    question = ask(world_model, pair)
    progress = partial(track, console=Console(stderr=True), transient=True)
    landscape = plane_landscape(
        question,
        options.plane,
        radius=radius,
        step=options.step,
        held=held,
        shown=partial(progress, description="plane"),
    )
    lowest = lowest_translation(
        question, radius=radius, held=held, shown=partial(progress, description="cube")
    )
    options.out.mkdir(parents=True, exist_ok=True)
    write_table(landscape, options.out / "landscape.csv")
    plot_landscape(landscape, pair.true_action, pair.name, options.out / "landscape.png")
    for line in report(landscape, lowest, pair.true_action):
        console.print(line, soft_wrap=True)
    console.print(f"see {options.out / 'landscape.png'}", soft_wrap=True)


def ask(world_model: WorldModel[Tensor], pair: Pair) -> Question:
    """The question of the pair's start and goal."""
    start, goal = (world_model.encode(image[None]) for image in (pair.start, pair.goal))
    return Question(world_model, start, pair.state, goal)


def covering_radius(true_action: Tensor | None) -> float:
    """The planner's box, or as much more as brings the true action well inside."""
    reach = 0.0 if true_action is None else float(true_action[:3].abs().max())
    return max(BOX_M, 1.25 * reach)


def report(landscape: Landscape, lowest: Minimum, true_action: Tensor | None) -> list[str]:
    """Lines for a person: minima of plane and cube, and how far off they are."""
    found = {f"{landscape.plane} plane": (landscape.minimum, landscape.plane)}
    found["xyz cube"] = (lowest, AXES)
    lines = []
    for where, (minimum, axes) in found.items():
        line = f"minimum in the {where}: {_shown(minimum.action)}, energy {minimum.energy:.4f}"
        if true_action is not None:
            line += f", {100 * minimum.distance_m(true_action, axes):.1f} cm from the true action"
        lines.append(line)
    if true_action is not None:
        lines.append(f"true action: {_shown(true_action)}")
    return lines


def write_table(landscape: Landscape, path: Path) -> None:
    """CSV of the grid: the plane's two components in metres, and the energy."""
    columns = [AXES.index(axis) for axis in landscape.plane]
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow([f"d{axis}_m" for axis in landscape.plane] + ["energy"])
        actions, energies = landscape.actions.flatten(0, 1), landscape.energies.flatten()
        for action, energy in zip(actions, energies.tolist(), strict=True):
            table.writerow([f"{action[column]:.5f}" for column in columns] + [f"{energy:.6f}"])
    partial.replace(path)


def _held(hold: str, true_action: Tensor | None) -> Tensor:
    if hold == "zero":
        return torch.tensor(STANDING_STILL)
    if true_action is None:
        raise ValueError("--hold true needs --true-action, --goal-state or --npz")
    return true_action


def _shown(action: Tensor) -> str:
    x, y, z = (100 * action[:3]).tolist()
    return f"Δx {x:+.1f} Δy {y:+.1f} Δz {z:+.1f} cm"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vjepa2 landscape",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    seen = parser.add_argument_group("what is looked at")
    seen.add_argument("--start", type=Path, metavar="IMAGE", help="what the camera sees")
    seen.add_argument("--goal", type=Path, metavar="IMAGE", help="what it should see")
    seen.add_argument("--state", metavar="'x y z rx ry rz g'", help="of the arm at the start")
    seen.add_argument("--true-action", metavar="'x y z rx ry rz g'", help="if it is known")
    seen.add_argument("--goal-state", metavar="'x y z rx ry rz g'", help="gives the true action")
    seen.add_argument("--npz", type=Path, help="observations and states; the first two frames")
    add_extrinsics_option(seen)
    parser.add_argument("--plane", choices=("xy", "xz", "yz"), default="xy")
    parser.add_argument(
        "--radius", type=positive, help=f"in m; default {BOX_M}, more to cover the true action"
    )
    parser.add_argument("--step", type=positive, default=0.005, help="of the plane's grid, in m")
    parser.add_argument(
        "--hold",
        choices=("zero", "true"),
        default="zero",
        help="the action's other components: zero as in figure 9, or those of the true action",
    )
    parser.add_argument("--weights", type=Path, help="checkpoint; default: the bundled model")
    parser.add_argument("--config", type=Path, help="its sizes, for a .pt file not of ViT-g")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--out", type=Path, default=Path("runs/landscape"), help="folder")
    return parser
