"""The plot of figure 8: distance from the goal, step by step, over many trials."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from vjepa2_sim.reach_attempt import SUCCESS_M, Attempt


def plot_distances(
    attempts: Sequence[Attempt], median_m: Sequence[float], title: str, path: Path
) -> None:
    """Writes a PNG: each trial thin, the median [m] by step thick, the success radius dashed."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    for attempt in attempts:
        axes.plot([100 * d for d in attempt.distances_m], color="0.75", linewidth=0.8)
    axes.plot([100 * d for d in median_m], color="tab:blue", linewidth=2.5, label="median")
    axes.axhline(100 * SUCCESS_M, color="tab:green", linestyle="--", label="reached")
    axes.set(xlabel="step", ylabel="distance from the goal [cm]", title=title, ylim=(0, None))
    axes.legend()
    figure.savefig(path, dpi=120)
