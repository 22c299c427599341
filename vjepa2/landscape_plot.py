"""The picture of figure 9: energy over two components of the action."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from torch import Tensor

from vjepa2_planner.landscape import AXES, Landscape


def plot_landscape(
    landscape: Landscape, true_action: Tensor | None, title: str, path: Path
) -> None:
    """Writes a PNG: the energies as colours, their minimum and the true action marked."""
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.add_subplot()
    offsets = 100 * landscape.offsets.numpy()
    colours = axes.pcolormesh(offsets, offsets, landscape.energies.T.numpy(), shading="nearest")
    figure.colorbar(colours, ax=axes, label="energy")
    columns = [AXES.index(axis) for axis in landscape.plane]
    _mark(axes, landscape.minimum.action[columns], "o", "white", "minimum")
    if true_action is not None:
        _mark(axes, true_action[columns], "X", "red", "true action")
    across, up = tuple(landscape.plane)
    axes.set(xlabel=f"Δ{across} [cm]", ylabel=f"Δ{up} [cm]", title=title, aspect="equal")
    axes.legend(loc="best")
    partial = path.with_name(path.name + ".partial")
    figure.savefig(partial, dpi=120, format="png")
    partial.replace(path)


def _mark(axes: Any, point_m: Tensor, marker: str, colour: str, label: str) -> None:
    across, up = (100 * point_m).tolist()
    axes.plot(
        across, up, marker, color=colour, markeredgecolor="black", markersize=10, label=label
    )
