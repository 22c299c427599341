"""Files of calibrations and of recorded pairs."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from vjepa2_planner.calibration import (
    Calibration,
    CalibrationCode,
    CalibrationError,
    CameraId,
    Pair,
    read_calibration,
    read_pairs,
    recorded,
    recorded_camera,
    turn,
    write_calibration,
)

CAMERA = CameraId("1234", "external", 128, 128)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
CALIBRATION = Calibration(CAMERA, NOW, turn(12.0), 180, 1.4, 0.03, 0.01)


def code_of(path: Path, camera: CameraId | None = CAMERA) -> CalibrationCode:
    """With which a file is refused."""
    with pytest.raises(CalibrationError) as refused:
        read_calibration(path, camera)
    return refused.value.code


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Bound to its camera."""
    path = tmp_path / "lab" / "camera.json"
    write_calibration(path, CALIBRATION)
    read = read_calibration(path, CAMERA)
    assert read.angle_deg == pytest.approx(12.0)
    assert (read.camera, read.date, read.pairs, read.error_after) == (CAMERA, NOW, 180, 0.01)
    for other in ({"serial": "5"}, {"stream": "wrist"}, {"width": 256}):
        assert code_of(path, replace(CAMERA, **other)) is CalibrationCode.WRONG_CAMERA
    assert read_calibration(path, None).camera == CAMERA


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "shopping list"},
        {"version": 2},
        {"rotation": [[1, 0], [0, -1]]},
        {"rotation": "left"},
        {"date": "yesterday"},
        {"camera": {}},
        {"pairs": None},
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, change: dict) -> None:
    """Whatever is wrong with it."""
    path = tmp_path / "camera.json"
    write_calibration(path, CALIBRATION)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert code_of(path) is CalibrationCode.CANNOT_READ
    path.write_text("{")
    assert code_of(path) is CalibrationCode.CANNOT_READ
    assert code_of(tmp_path / "none.json") is CalibrationCode.CANNOT_READ


def test_an_old_one_is_flagged() -> None:
    """After 30 days, or as many as are asked for."""
    assert not CALIBRATION.age_warning(NOW + timedelta(days=29))
    assert "31 days" in CALIBRATION.age_warning(NOW + timedelta(days=31))
    assert CALIBRATION.age_warning(NOW + timedelta(days=3), max_days=2)


def test_where_nothing_can_be_written_the_code_says_so(tmp_path: Path) -> None:
    """A file in the way of a folder, or the reference view's own name."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "camera.json", tmp_path / "camera.png"):
        with pytest.raises(CalibrationError) as refused:
            write_calibration(path, CALIBRATION)
        assert refused.value.code is CalibrationCode.CANNOT_WRITE


def test_pairs_survive_the_disk(tmp_path: Path) -> None:
    """Each is written when it comes; another recording is not mixed with it."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
    pairs = [Pair(pictures[k], pictures[k + 1], rng.normal(size=7), np.ones(2)) for k in (0, 2)]
    stream = recorded(iter(pairs), tmp_path, CAMERA)
    next(stream)
    assert len(list(read_pairs(tmp_path))) == 1
    next(stream)
    for read, pair in zip(read_pairs(tmp_path), pairs, strict=True):
        assert (read.before == pair.before).all() and (read.after == pair.after).all()
        assert (read.state == pair.state).all() and (read.executed == pair.executed).all()
    assert recorded_camera(tmp_path) == CAMERA
    with pytest.raises(CalibrationError, match="already holds"):
        next(recorded(iter(pairs), tmp_path, CAMERA))


def test_pickles_and_broken_files_are_refused(tmp_path: Path) -> None:
    """A file that could run code is never loaded."""
    with pytest.raises(CalibrationError, match="no recorded pairs"):
        list(read_pairs(tmp_path))
    file = tmp_path / "pair_00000.npz"
    objects = np.array([{}], dtype=object)
    np.savez(file, before=objects, after=objects, state=objects, executed=objects)
    with pytest.raises(CalibrationError) as refused:
        list(read_pairs(tmp_path))
    assert refused.value.code is CalibrationCode.CANNOT_READ
    file.write_bytes(b"PK")
    with pytest.raises(CalibrationError):
        list(read_pairs(tmp_path))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("condition_number", float("nan")),
        ("error_after_m", float("inf")),
        ("error_before_m", 10**400),
        ("pairs", float("inf")),
        ("pairs", 2**40),
        ("camera", {"serial": None, "stream": "a", "width": 1, "height": 1}),
        ("camera", {"serial": "a", "stream": "a", "width": [], "height": 1}),
    ],
)
def test_figures_that_are_none_are_refused(field: str, value: object, tmp_path: Path) -> None:
    """They would go into messages that cannot hold them."""
    path = tmp_path / "camera.json"
    write_calibration(path, CALIBRATION)
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    assert code_of(path, None) is CalibrationCode.CANNOT_READ


def test_a_nest_and_a_device_are_refused(tmp_path: Path) -> None:
    """One is deeper than Python reads, the other has no end."""
    path = tmp_path / "camera.json"
    path.write_text("[" * 100_000)
    assert code_of(path) is CalibrationCode.CANNOT_READ
    assert code_of(Path("/dev/zero")) is CalibrationCode.CANNOT_READ
