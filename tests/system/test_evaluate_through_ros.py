"""The evaluation through the nodes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from vjepa2_sim.evaluate import main
from vjepa2_sim.task_draw import draw_task_trial

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


@pytest.mark.usefixtures("domain")
def test_a_task_with_an_object_through_the_nodes(tmp_path: Path) -> None:
    """Its sub-goals in order, each step with how hand and object stand; a film of a failure."""
    file = tmp_path / "grasp.json"
    arguments = [
        *("--task", "grasp", "--object", "box", "--trials", "1", "--seed", "40"),
        *("--json", str(file), "--films", str(tmp_path), "--through-ros"),
    ]
    assert main(arguments) == 0
    figures = json.loads(file.read_text())
    trial = draw_task_trial("grasp", "box", 40)
    (played,) = figures["trials"]
    assert played["outcome"] == "BUDGET_SPENT"
    shown = [step["sub_goal"] for step in played["steps"]]
    assert shown == [goal.name for goal in trial.sub_goals for _ in range(goal.steps)]
    start = np.array(trial.start.thing.position)
    first = np.array(played["steps"][0]["object_position"])
    assert np.linalg.norm(first - start) < 0.01
    errors = [np.linalg.norm(step["hand_error_m"]) for step in played["steps"]]
    assert min(errors) < 0.05
    assert bool(list(tmp_path.glob("*.mp4"))) == (played["cause"] != "success")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--direct"], "which --direct does without"),
        (["--world-model", "simulator"], "leave out --through-ros"),
    ],
)
def test_what_does_not_go_together(
    more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the culprit and the remedy."""
    with pytest.raises(SystemExit):
        main(["--task", "grasp", "--through-ros", *more])
    assert message in capsys.readouterr().err
