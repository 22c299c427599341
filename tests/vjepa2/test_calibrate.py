"""`vjepa2 calibrate`, mostly with the simulator as a world model that sees states."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vjepa2 import cli
from vjepa2.calibrate import main
from vjepa2_sim.exit_status import FAULT, exit_status

QUICK = ["--direct", "--yes", "--world-model", "simulator", "--moves", "50"]


def run(*arguments: object) -> int:
    """Exit status of the command."""
    return exit_status(main, [str(argument) for argument in arguments])


def test_an_artificial_rotation_is_found(tmp_path: Path) -> None:
    """PASS, with a file and a plot; the same again from the recording."""
    out, pairs = tmp_path / "camera.json", tmp_path / "pairs"
    options = ["--artificial-rotation", 25, "--out", out]
    assert run(*QUICK, *options, "--record", pairs) == 0
    found = json.loads(out.read_text())
    assert found["angle_deg"] == pytest.approx(25.0, abs=0.5)
    assert (tmp_path / "camera_moves.png").stat().st_size > 10_000
    again = tmp_path / "again.json"
    assert run("--from", pairs, "--out", again, "--world-model", "simulator") == 0
    assert json.loads(again.read_text())["angle_deg"] == found["angle_deg"]


def test_the_bundled_model_needs_no_rotation(tmp_path: Path) -> None:
    """Where the camera, the hand and the light are those that it was trained with."""
    out = tmp_path / "camera.json"
    moves = ["--moves", 50, "--min-pairs", 50, "--seed", 50_000]
    assert run("--direct", "--yes", *moves, "--out", out) == 0
    found = json.loads(out.read_text())
    assert abs(found["angle_deg"]) < 4.0
    assert found["condition_number"] < 1.5
    assert found["error_after_m"] < 0.012


def test_failed_it_writes_no_calibration(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Status 1, and the threshold that was missed."""
    out = tmp_path / "camera.json"
    assert run(*QUICK, "--min-pairs", 60, "--out", out) == 1
    assert not out.exists() and (tmp_path / "camera_moves.png").exists()
    assert "50 usable pairs are under 60" in capsys.readouterr().out


def test_nothing_moves_unconfirmed(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Where nobody can be asked, --yes has to be given; the preview is shown all the same."""
    options = [option for option in QUICK if option != "--yes"]
    assert run(*options, "--out", tmp_path / "camera.json") == FAULT
    said = capsys.readouterr().err
    assert "50 moves of 5 cm" in said and "--yes" in said
    assert list(tmp_path.iterdir()) == []


def test_faults_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """A folder without pairs, too few of them, a recording that would be mixed."""
    assert run("--from", tmp_path, "--world-model", "simulator") == FAULT
    assert run(*QUICK[:-1], 5, "--out", tmp_path / "c.json", "--record", tmp_path) == FAULT
    assert run(*QUICK, "--out", tmp_path / "c.json", "--record", tmp_path) == FAULT
    lines = capsys.readouterr().err.splitlines()
    errors = [line for line in lines if line.startswith("error: ")]
    assert ["no recorded pairs" in errors[0], "record more" in errors[1]] == [True, True]
    assert "already holds" in errors[2] and len(errors) == 3


def test_a_calibration_is_held_against_the_live_view(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """No warning where nothing changed; a camera moved by 5 degrees is flagged, with an overlay.

    The pictures are real, the moves are few, and the thresholds let everything pass.
    """
    out = tmp_path / "camera.json"
    lax = ["--max-error", 9, "--max-condition", 1e6, "--min-pairs", 1]
    assert run("--direct", "--yes", "--moves", 12, *lax, "--out", out) == 0
    check = ["--check", out, "--direct"]
    assert run(*check) == 0
    assert (tmp_path / "camera_overlay.png").exists()
    assert run(*check, "--camera-angle", 65) == 1
    assert "it was moved" in capsys.readouterr().out.replace("\n", " ")


def test_help_has_examples(capsys: pytest.CaptureFixture) -> None:
    """Through the common entry point."""
    for command in ("calibrate", "camera-sweep"):
        with pytest.raises(SystemExit):
            cli.run([command, "--help"])
        assert "examples:" in capsys.readouterr().out
