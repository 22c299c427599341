"""`vjepa2 camera-sweep`, with a perfect world model, to which the camera does not matter."""

from __future__ import annotations

import csv
from pathlib import Path

from vjepa2.camera_sweep import main
from vjepa2_sim.camera_sweep import Reaches, SweepPoint, fitted_line


def test_table_and_plot(tmp_path: Path) -> None:
    """One row an angle; an arm that goes astray is put right by its calibration."""
    out = tmp_path / "sweep"
    few = ["--first", "60", "--last", "60", "--moves", "30", "--trials", "1"]
    astray = ["--world-model", "simulator", "--artificial-rotation", "80"]
    assert main([*few, *astray, "--out", str(out)]) == 0
    (row,) = csv.DictReader(out.with_suffix(".csv").open())
    assert abs(float(row["rotation_deg"]) - 80) < 1
    assert (row["camera_deg"], row["trials"], row["reached_with"]) == ("60", "1", "1")
    assert float(row["steps_with"]) < float(row["steps_without"])
    assert out.with_suffix(".png").stat().st_size > 10_000


def test_the_line_is_fitted_across_the_seam() -> None:
    """From 170 to -170 degrees is a step of 20."""
    reaches = Reaches(((0.2, 0.03), (0.2, 0.1)))
    points = [
        SweepPoint(camera, rotation, 1.0, 0.0, 0.0, True, reaches, reaches)
        for camera, rotation in ((40.0, 170.0), (50.0, -170.0))
    ]
    line = fitted_line(points)
    assert line is not None and abs(line[0] - 2.0) < 1e-9
    assert fitted_line(points[:1]) is None
    assert (reaches.reached, reaches.median_steps) == (1, 1.5)
