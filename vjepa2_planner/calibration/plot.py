"""The picture of a calibration: held-out moves before and after the rotation."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from vjepa2_planner.calibration.solution import Solution
from vjepa2_planner.calibration.verdict import Verdict


def plot_calibration(solution: Solution, verdict: Verdict, path: Path) -> None:
    """Write a PNG: inferred and executed moves without and with the rotation, and the errors."""
    figure = Figure(figsize=(12, 4), layout="constrained")
    moves, turned, errors = figure.subplots(1, 3)
    after = solution.inferred @ solution.rotation
    _plot_moves(moves, solution.inferred, solution.executed, "without the rotation")
    _plot_moves(turned, after, solution.executed, f"turned by {solution.angle_deg:+.1f}°")
    bins = np.linspace(0.0, 12.0, 25)
    for inferred, label, mean in (
        (solution.inferred, "without", solution.error_before),
        (after, "with", solution.error_after),
    ):
        lengths = 100 * np.linalg.norm(inferred - solution.executed, axis=1)
        errors.hist(
            lengths.clip(max=bins[-1]), bins, alpha=0.6, label=f"{label}: {100 * mean:.1f} cm"
        )
    errors.set(xlabel="error on held-out moves [cm]", ylabel="moves")
    errors.legend()
    figure.suptitle(
        f"{verdict}: rotation {solution.angle_deg:+.1f}°, condition number "
        f"{solution.condition_number:.2f}, {solution.pairs} pairs"
    )
    partial = path.with_name(path.name + ".partial")
    figure.savefig(partial, dpi=120, format="png")
    partial.replace(path)


def _plot_moves(
    axes: Any, inferred: NDArray[np.float64], executed: NDArray[np.float64], title: str
) -> None:
    """Each executed move in the colour of its direction, a line to what was inferred."""
    executed, inferred = 100 * executed, 100 * inferred
    directions = np.arctan2(executed[:, 1], executed[:, 0])
    lines = np.stack([executed, inferred], axis=1)
    for line in lines:
        axes.plot(*line.T, color="0.8", linewidth=0.8, zorder=1)
    style = {"c": directions, "cmap": "hsv", "vmin": -np.pi, "vmax": np.pi, "zorder": 2}
    axes.scatter(*executed.T, marker="o", s=18, label="executed", **style)
    axes.scatter(*inferred.T, marker="x", s=22, label="inferred", **style)
    axes.set(xlabel="Δx [cm]", ylabel="Δy [cm]", title=title, aspect="equal")
    axes.legend(loc="center")  # the moves are a ring
