"""The plot of figure 16: rotation error and reaching against the camera's angle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from vjepa2_sim.camera_sweep import SweepPoint, fitted_line
from vjepa2_sim.reach import SUCCESS_M


def plot_sweep(points: Sequence[SweepPoint], title: str, path: Path) -> None:
    """Write a PNG: θ with its line, errors of inferred moves, final distance of reaches."""
    figure = Figure(figsize=(13, 4), layout="constrained")
    rotation, error, reach = figure.subplots(1, 3)
    angles = [point.camera_deg for point in points]
    rotation.plot(angles, [point.rotation_deg for point in points], "o", label="measured")
    if (line := fitted_line(points)) is not None:
        slope, offset = line
        rotation.plot(
            angles,
            [slope * angle + offset for angle in angles],
            label=f"{slope:+.2f} x angle {offset:+.1f}°",
        )
    rotation.set(ylabel="rotation of the calibration [°]")
    error.plot(angles, [100 * p.error_before for p in points], "o-", label="without")
    error.plot(angles, [100 * p.error_after for p in points], "o-", label="with calibration")
    error.set(ylabel="error of inferred moves [cm]", ylim=(0, None))
    for label, finals in (
        ("without", [p.without for p in points]),
        ("with calibration", [p.turned for p in points]),
    ):
        reach.plot(angles, [100 * reaches.median_m for reaches in finals], "o-", label=label)
    reach.axhline(100 * SUCCESS_M, color="tab:green", linestyle="--", label="reached")
    reach.set(ylabel="median final distance of a reach [cm]", ylim=(0, None))
    for axes in (rotation, error, reach):
        axes.set(xlabel="camera angle [°]")
        axes.legend()
    figure.suptitle(title)
    partial = path.with_name(path.name + ".partial")
    figure.savefig(partial, dpi=120, format="png")
    partial.replace(path)
