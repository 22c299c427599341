"""The benchmark of the planners, on a few problems."""

import json
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(BENCHMARKS / "planners.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_writes_table_figures_and_curves(tmp_path: Path) -> None:
    """Every planner on the same problems, with what it spent and what its actions are worth."""
    done = run(
        *("--problems", "2", "--trials", "0", "--presets", "fast", "fast_cem"),
        *("--out", str(tmp_path)),
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "planners.json").read_text())
    assert [row["preset"] for row in figures["open_loop"]] == ["fast", "fast_cem"]
    for row in figures["open_loop"]:
        assert 0 < row["energy_median"] < 1
        assert len(row["energies"]) == 2
        assert row["curve"][-1][0] <= row["evaluations"] <= 160
    page = (tmp_path / "planners.md").read_text()
    assert "| fast | 1 |" in page
    assert "Tflop/s in bfloat16" in page
    assert (tmp_path / "planners.png").read_bytes().startswith(b"\x89PNG")


def test_an_unknown_preset_is_named() -> None:
    """With those that there are."""
    done = run("--presets", "quick")
    assert done.returncode == 2
    assert "no preset called quick; there are paper" in done.stderr


def test_trials_of_a_preset_and_a_baseline(tmp_path: Path) -> None:
    """A row for each, with the arm that was used; the policy's plans take no search."""
    done = run(
        *("--problems", "1", "--trials", "1", "--direct", "--presets", "fast_cem"),
        *("--baselines", "policy", "--out", str(tmp_path)),
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "planners.json").read_text())
    assert [row["planner"] for row in figures["closed_loop"]] == ["fast_cem", "policy"]
    assert all(row["trials"] == 1 for row in figures["closed_loop"])
    assert "without robot protocol" in (tmp_path / "planners.md").read_text()
