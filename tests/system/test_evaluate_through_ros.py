"""The evaluation through the nodes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vjepa2_sim.evaluate import main

STEPS = 4


@pytest.mark.usefixtures("domain")
def test_two_trials_through_the_nodes(tmp_path: Path) -> None:
    """A perfect world model reaches both goals, and the time of each step is accounted for."""
    file = tmp_path / "reach.json"
    arguments = [
        *("--task", "reach", "--world-model", "simulator", "--steps", str(STEPS)),
        *("--trials", "2", "--seed", "40", "--json", str(file), "--through-ros"),
    ]
    assert main(arguments) == 0
    figures = json.loads(file.read_text())
    assert figures["success_rate"] == 1.0
    assert figures["through_ros"] is True
    assert 0.0 < figures["overhead_share"] < 1.0
    for trial in figures["trials"]:
        assert trial["final_distance_m"] == trial["distances_m"][-1] < 0.01
        assert len(trial["distances_m"]) == len(trial["energies"]) == STEPS + 1
        assert len(trial["timings"]) == STEPS
        assert all(
            t["waiting"] + t["planning"] + t["motion"] < t["total"] for t in trial["timings"]
        )
