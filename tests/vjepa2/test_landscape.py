"""`vjepa2 landscape`: its files, its lines, and its faults."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from vjepa2.landscape import covering_radius, main
from vjepa2.landscape_input import parse_state, parse_vector
from vjepa2_models import WorldModel, save_world_model

STATE = "0.5 0.0 0.3 3.14 0.0 0.0 0.0"
COARSE = ("--step", "0.025", "--device", "cpu")


@pytest.fixture
def model(golden_paths: tuple[Path, Path]) -> tuple[str, ...]:
    """The small golden model, as options."""
    return "--weights", str(golden_paths[0]), "--config", str(golden_paths[1])


@pytest.fixture
def frames(golden: dict[str, torch.Tensor]) -> np.ndarray:
    return golden["frames_uint8"].numpy()[:2]


@pytest.fixture
def pictures(tmp_path: Path, frames: np.ndarray) -> tuple[str, ...]:
    """A start and a goal on disk, as options."""
    for name, frame in zip(("start.png", "goal.png"), frames, strict=True):
        Image.fromarray(frame).save(tmp_path / name)
    return "--start", str(tmp_path / "start.png"), "--goal", str(tmp_path / "goal.png")


def test_pictures_without_a_true_action(
    model: tuple[str, ...],
    pictures: tuple[str, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The PNG, the grid as CSV, and minima without a distance."""
    out = tmp_path / "out"
    main([*model, *pictures, "--state", STATE, "--plane", "yz", "--out", str(out), *COARSE])
    with (out / "landscape.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 7 * 7
    assert {float(row["dy_m"]) for row in rows} == {float(row["dz_m"]) for row in rows}
    assert Image.open(out / "landscape.png").size[0] > 300
    assert sorted(path.name for path in out.iterdir()) == ["landscape.csv", "landscape.png"]
    said = capsys.readouterr().out
    lowest = min(float(row["energy"]) for row in rows)
    assert "minimum in the yz plane: Δx +0.0" in said and f"energy {lowest:.4f}" in said
    assert "true action" not in said


@pytest.mark.parametrize(
    "true",
    [("--true-action", "0.02 0 -0.01 0 0 0 0"), ("--goal-state", "0.52 0.0 0.29 3.14 0 0 0")],
)
def test_true_action_is_given_or_derived(
    true: tuple[str, str],
    model: tuple[str, ...],
    pictures: tuple[str, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Both ways, and it can be held in the plane."""
    out = ("--out", str(tmp_path / "out"))
    main([*model, *pictures, "--state", STATE, *true, "--hold", "true", *out, *COARSE])
    said = capsys.readouterr().out
    assert "true action: Δx +2.0 Δy +0.0 Δz -1.0 cm" in said
    assert said.count("cm from the true action") == 2
    assert "minimum in the xy plane: " in said and "Δz -1.0 cm, energy" in said


def test_npz_of_the_official_layout(
    model: tuple[str, ...],
    frames: np.ndarray,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Pictures and states from one file; the grid covers a true action beyond the box."""
    states = np.array([[0.5, 0, 0.3, 3.1, 0, 0, 0], [0.6, 0, 0.3, 3.1, 0, 0, 0]], np.float32)
    np.savez(tmp_path / "pair.npz", observations=frames[None], states=states[None])
    main([*model, "--npz", str(tmp_path / "pair.npz"), "--out", str(tmp_path), *COARSE])
    assert "true action: Δx +10.0" in capsys.readouterr().out
    with (tmp_path / "landscape.csv").open() as file:
        assert max(float(row["dx_m"]) for row in csv.DictReader(file)) == pytest.approx(0.125)


def test_faults_are_named(pictures: tuple[str, ...], frames: np.ndarray, tmp_path: Path) -> None:
    """Each before any model is loaded, with the culprit."""
    text = tmp_path / "text.png"
    text.write_text("no picture")
    small = tmp_path / "small.png"
    Image.fromarray(frames[0][:32]).save(small)
    nan = tmp_path / "nan.npz"
    states = np.full((1, 2, 7), np.nan, np.float32)
    np.savez(nan, observations=frames[None], states=states)
    state = ("--state", STATE)
    cases: dict[str, tuple[str, ...]] = {
        "give --start, --goal and --state, or --npz": pictures,
        r"text\.png cannot be read as an image": (*pictures, "--goal", str(text), *state),
        r"gone\.png is not there": (*pictures, "--goal", str(tmp_path / "gone.png"), *state),
        "same camera and resolution": (*pictures, "--goal", str(small), *state),
        "--state: needs 7 finite numbers": (*pictures, "--state", "0.5 0 0.3"),
        "needs 7 finite": (*pictures, "--state", "nan 0 0.3 3.14 0 0 0"),
        "not both": (*pictures, *state, "--true-action", STATE, "--goal-state", STATE),
        r"nan\.npz: holds states that are not finite": ("--npz", str(nan)),
        "no --start, --goal then": ("--npz", str(nan), *pictures),
        "no --goal-state then": ("--npz", str(nan), "--goal-state", STATE),
    }
    for message, arguments in cases.items():
        with pytest.raises((ValueError, FileNotFoundError), match=message):
            main(arguments)


def test_weights_that_know_where_the_camera_is(
    world_model: WorldModel, pictures: tuple[str, ...], tmp_path: Path
) -> None:
    """They need its pose, and it matters."""
    acting = replace(world_model.dimensions.ac_predictor, use_extrinsics=True)
    torch.manual_seed(0)
    model = WorldModel(replace(world_model.dimensions, ac_predictor=acting))
    torch.nn.init.normal_(model.predictor.extrinsics_encoder.weight)
    save_world_model(model, tmp_path / "model.safetensors")
    given = (*pictures, "--weights", str(tmp_path / "model.safetensors"), "--state", STATE)
    with pytest.raises(ValueError, match="need the camera's pose; give it with --extrinsics"):
        main([*given, "--out", str(tmp_path / "out"), *COARSE])
    for name, pose in (("left", "1 0 0.5 0 0 1"), ("right", "0 1 0.5 0 0 2")):
        main([*given, "--extrinsics", pose, "--out", str(tmp_path / name), *COARSE])
    tables = [(tmp_path / name / "landscape.csv").read_text() for name in ("left", "right")]
    assert tables[0] != tables[1]
    with pytest.raises(ValueError, match="--extrinsics: needs 6 finite numbers"):
        main([*given, "--extrinsics", STATE, "--out", str(tmp_path / "out"), *COARSE])


def test_hold_true_needs_a_true_action(
    model: tuple[str, ...], pictures: tuple[str, ...], tmp_path: Path
) -> None:
    """Said with the options that would give one."""
    with pytest.raises(ValueError, match="--hold true needs"):
        main([*model, *pictures, "--state", STATE, "--hold", "true", "--out", str(tmp_path)])


def test_vectors_are_read_and_checked() -> None:
    """Spaces or commas; words, closedness over 1 and degrees are refused."""
    assert parse_vector("1, 2 3,4 5 6 7", "--x").tolist() == [1, 2, 3, 4, 5, 6, 7]
    with pytest.raises(ValueError, match="--x: could not convert"):
        parse_vector("a b c d e f g", "--x")
    with pytest.raises(ValueError, match="closedness is 0"):
        parse_state("0.5 0 0.3 3.14 0 0 80", "--state")
    with pytest.raises(ValueError, match="no angles in radians"):
        parse_state("0.5 0 0.3 180 0 0 0", "--state")


def test_radius_covers_the_true_action() -> None:
    """The planner's box, and a quarter more than a true action that leaves it."""
    assert covering_radius(None) == covering_radius(torch.full((7,), 0.05)) == 0.075
    assert covering_radius(torch.tensor([0, 0, -0.1, 0, 0, 0, 0])) == pytest.approx(0.125)


@pytest.mark.parametrize("option", [("--radius", "0"), ("--step", "inf")])
def test_senseless_grids_are_refused(option: tuple[str, str], pictures: tuple[str, ...]) -> None:
    """Before any work."""
    with pytest.raises(SystemExit) as ended:
        main([*pictures, "--state", STATE, *option])
    assert ended.value.code == 2
