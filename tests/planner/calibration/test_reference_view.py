"""A moved camera is told from a moved arm."""

from pathlib import Path

import numpy as np
import pytest

from vjepa2_planner.calibration import (
    agreement,
    moved_warning,
    overlay,
    read_reference,
    reference_view,
)
from vjepa2_planner.calibration.reference_view import write_reference


def scene(shift: int, arm: tuple[int, int]) -> np.ndarray:
    """A table with things on it, `shift` px aside, and an arm of 25 px at a place."""
    picture = np.full((128, 128, 3), 60, np.uint8)
    for row, column, size, grey in ((60, 5, 60, 150), (70, 90, 30, 20), (20, 10, 15, 240)):
        picture[row : row + size, column + shift : column + shift + size] = grey
    row, column = arm
    picture[row : row + 25, column : column + 25] = 255
    return picture


PLACES = [(10 + 4 * k, 40 + 2 * (k % 7)) for k in range(15)]
REFERENCE = reference_view([scene(0, place) for place in PLACES])


def test_the_arm_is_not_in_the_reference() -> None:
    """The median leaves what stands still."""
    assert not (REFERENCE.picture == 255).all(axis=-1).any()
    assert not REFERENCE.static.all() and REFERENCE.static.mean() > 0.5


def test_an_arm_elsewhere_is_no_moved_camera() -> None:
    """All still edges are found again."""
    share = agreement(REFERENCE, scene(0, (90, 60)))
    assert share is not None and share > 0.9
    assert moved_warning(REFERENCE, scene(0, (90, 60))) == ""


@pytest.mark.parametrize("shift", [5, 12])
def test_a_moved_camera_is_flagged(shift: int) -> None:
    """With the share of edges that are where they were."""
    assert "moved" in moved_warning(REFERENCE, scene(shift, (10, 40)))


def test_what_cannot_be_compared_is_said() -> None:
    """Another size, or a reference without edges."""
    assert "cannot be compared" in moved_warning(REFERENCE, np.zeros((64, 64, 3), np.uint8))
    blank = reference_view([np.zeros((64, 64, 3), np.uint8)] * 3)
    assert agreement(blank, np.zeros((64, 64, 3), np.uint8)) is None


def test_reference_and_overlay_as_pictures(tmp_path: Path) -> None:
    """The mask is kept; what stands still is grey in the overlay."""
    write_reference(tmp_path / "camera.png", REFERENCE)
    read = read_reference(tmp_path / "camera.png")
    assert (read.picture == REFERENCE.picture).all() and (read.static == REFERENCE.static).all()
    both = overlay(REFERENCE, scene(12, (10, 40)))
    grey = both[..., 0] == both[..., 1]
    assert both.shape == (128, 128, 3) and 0.5 < grey.mean() < 1.0
