"""Evaluation over seeded trials."""

import json

import pytest

from vjepa2_planner import Outcome, Timing
from vjepa2_sim.evaluate import main, median_by_step, summary
from vjepa2_sim.reach_attempt import Attempt

SEED = 40
STEPS = 4


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """Two trials, planned with the simulator."""
    file = tmp_path_factory.mktemp("evaluation") / "reach.json"
    assert main(_arguments(file, trials=2, seed=SEED)) == 0
    assert file.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    return json.loads(file.read_text())


def _arguments(file, trials, seed):
    return [
        *("--task", "reach", "--world-model", "simulator", "--steps", str(STEPS)),
        *("--trials", str(trials), "--seed", str(seed), "--json", str(file)),
        *("--plot", str(file.with_suffix(".png"))),
    ]


def _attempt(success, distances=(0.2, 0.01)):
    return Attempt(
        seed=0,
        start_distance_m=distances[0],
        final_distance_m=distances[-1],
        distances_m=distances,
        energies=distances,
        timings=(Timing(waiting=0.0, encoding=0.04, planning=0.06, motion=0.3, total=0.5),),
        outcome=Outcome.BUDGET_SPENT,
        reason="",
        success=success,
    )


def test_a_perfect_world_model_reaches_every_goal(figures):
    """Four steps of up to 13 cm are enough for 30 cm, through the real franky client."""
    assert figures["success_rate"] == 1.0
    assert figures["task"] == "reach"
    assert figures["planning_seconds_median"] < 1.0
    assert [trial["seed"] for trial in figures["trials"]] == [SEED, SEED + 1]
    for trial in figures["trials"]:
        assert 0.14 < trial["start_distance_m"] < 0.31
        assert trial["final_distance_m"] == trial["distances_m"][-1] < 0.01
        assert len(trial["distances_m"]) == len(trial["energies"]) == STEPS + 1
        assert trial["outcome"] == "BUDGET_SPENT"


def test_the_same_seed_is_the_same_trial(figures, tmp_path):
    """Alone or after another, a trial has the same start and goes the same way."""
    file = tmp_path / "again.json"
    main(_arguments(file, trials=1, seed=SEED + 1))
    (again,), first = json.loads(file.read_text())["trials"], figures["trials"][1]
    assert again["start_distance_m"] == pytest.approx(first["start_distance_m"], abs=1e-3)
    assert again["distances_m"] == pytest.approx(first["distances_m"], abs=3e-3)


def test_the_interval_is_wilsons():
    """18 of 20: 0.699 to 0.972 (Wilson 1927, without continuity correction)."""
    figures = summary([_attempt(n < 18) for n in range(20)])
    assert figures["success_rate"] == 0.9
    assert figures["interval_95"] == pytest.approx([0.6990, 0.9721], abs=1e-4)


def test_an_attempt_that_ended_early_counts_with_its_last_distance():
    """The median by step covers the longest attempt."""
    attempts = [_attempt(True, (0.3, 0.1)), _attempt(True, (0.2, 0.2, 0.0))]
    assert median_by_step(attempts) == pytest.approx([0.25, 0.15, 0.05])


def test_trials_must_be_asked_for():
    """No trials is an error of usage."""
    with pytest.raises(SystemExit):
        main(["--trials", "0"])
