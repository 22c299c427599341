"""Calibrations, their reference views, and recorded pairs."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.fuzz import readers
from tests.fuzz.cases import sizes
from tests.fuzz.child import Child
from tests.fuzz.page import Page
from tests.fuzz.values import json_anything, mutated, spoilt_bytes, spoilt_text
from vjepa2_planner.calibration import Calibration, ReferenceView, write_calibration
from vjepa2_planner.calibration.calibration_file import CameraId, reference_path
from vjepa2_planner.calibration.pairs import Pair, write_pair
from vjepa2_planner.calibration.turning import turn

CAMERA = CameraId("123", "colour", 128, 128)
NESTS = ("[" * 5000, '{"a": ' * 5000, "9" * 5000, "1e999", "NaN", "-Infinity", "\x00", '"\\ud800"')


def calibration() -> Calibration:
    """A good one."""
    return Calibration(CAMERA, datetime(2026, 1, 2, tzinfo=UTC), turn(20.0), 100, 1.2, 0.02, 0.003)


def json_files(document: Any) -> st.SearchStrategy[bytes]:
    """A document that is spoilt as values, or as text."""
    plain = mutated(document, json_anything).map(json.dumps).map(str.encode)
    return plain | spoilt_text(json.dumps(document, indent=1), NESTS)


@sizes(1500)
def test_calibrations(cases: int, page: Page, child: Child, tmp_path: Path) -> None:
    """CalibrationError; what is taken can be told to the planner."""
    path = tmp_path / "camera.json"
    write_calibration(path, calibration())
    document = json.loads(path.read_text())

    def examine(content: bytes) -> str:
        path.write_bytes(content)
        return child.call(readers.calibration, path)

    tally = page.tally("calibration files")
    tally.draw(json_files(document), cases, examine)
    tally.check()


@sizes(400)
def test_reference_views(cases: int, page: Page, child: Child, tmp_path: Path) -> None:
    """A picture that is none is a remark, and no fault."""
    path = tmp_path / "camera.json"
    picture = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    reference = ReferenceView(picture, np.ones((24, 32), dtype=np.bool_))
    write_calibration(path, calibration(), reference)
    png = reference_path(path)

    def examine(content: bytes) -> str:
        png.write_bytes(content)
        return child.call(readers.reference, png)

    tally = page.tally("reference views")
    tally.draw(spoilt_bytes(png.read_bytes(), start=60), cases, examine)
    assert not tally.crashes, f"{len(tally.crashes)}: {tally.crashes[0]}"
    assert tally.refused.total() > cases / 4


def arrays() -> st.SearchStrategy[Any]:
    """What could be in place of an array of a pair."""
    return st.sampled_from(
        [
            np.zeros(0),
            np.zeros((3, 4, 3), dtype=np.uint8),
            np.full(7, np.nan),
            np.full(2, np.inf),
            np.zeros(7, dtype=np.complex128),
            np.array("text"),
            np.array([None, {}], dtype=object),
            np.zeros(2, dtype="datetime64[s]"),
            np.zeros((7, 1)),
        ]
    )


@st.composite
def pair_files(draw: Any, good: bytes) -> bytes:
    """A pair with other bytes, or other arrays in it."""
    if draw(st.booleans()):
        return draw(spoilt_bytes(good))
    with np.load(io.BytesIO(good)) as file:
        fields = {name: file[name] for name in file.files}
    name = draw(st.sampled_from(sorted(fields)))
    fields[name] = draw(arrays())
    if draw(st.booleans()):
        fields["more"] = fields.pop(draw(st.sampled_from(sorted(fields))))
    raw = io.BytesIO()
    np.savez(raw, **fields)
    return raw.getvalue()


@sizes(500)
def test_pairs(cases: int, page: Page, child: Child, tmp_path: Path) -> None:
    """CalibrationError for a folder of recorded moves; nothing is unpickled."""
    picture = np.zeros((6, 6, 3), dtype=np.uint8)
    path = write_pair(tmp_path, 0, Pair(picture, picture, np.zeros(7), np.zeros(2)))
    good_pair, camera = path.read_bytes(), tmp_path / "camera.json"
    good_camera = json.dumps(asdict(CAMERA)).encode()

    def examine(case: tuple[bytes, bytes]) -> str:
        path.write_bytes(case[0])
        camera.write_bytes(case[1])
        return child.call(readers.pairs, tmp_path)

    tally = page.tally("recorded calibration moves")
    one = st.tuples(pair_files(good_pair), st.just(good_camera))
    other = st.tuples(st.just(good_pair), json_files(asdict(CAMERA)))
    tally.draw(one | one | other, cases, examine)
    assert not tally.crashes, f"{len(tally.crashes)}: {tally.crashes[0]}"
    assert tally.refused.total() > cases / 3
