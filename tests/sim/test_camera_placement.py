"""Camera geometry."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.scene import Lighting, light_scene, place_camera
from vjepa2_sim.workspace import WORKSPACE

FINGERS = list(itertools.product((-0.05, 0.05), (-0.02, 0.02), (-0.01, 0.05)))
"""Corners of a box about the open fingers, from the tool centre point [m]."""


@pytest.mark.parametrize(
    ("angle", "side"),
    [(0, [-1, 0, 0]), (90, [0, 1, 0]), (180, [1, 0, 0]), (-90, [0, -1, 0])],
)
def test_angle_is_counted_from_the_base_side_to_the_left(angle, side):
    """0 degrees is behind the arm, looking along +x; 90 degrees is at its left."""
    placement = CameraPlacement(angle, 1.0, 0.0, 45.0, (0.5, 0.1, 0.2))
    np.testing.assert_allclose(placement.position(), np.array([0.5, 0.1, 0.2]) + side, atol=1e-12)
    np.testing.assert_allclose(placement.rotation()[:, 2], side, atol=1e-12)


@given(st.floats(-180, 180), st.floats(0.5, 2.0), st.floats(-80, 80))
def test_look_at_is_the_middle_of_an_upright_picture(angle, distance, elevation):
    """The point looked at projects to the centre, and points above it lie above the centre."""
    placement = CameraPlacement(angle, distance, elevation)
    middle = np.array(placement.look_at)
    centre, above = placement.project(np.stack([middle, (*middle[:2], middle[2] + 0.05)]))
    np.testing.assert_allclose(centre, 0.5, atol=1e-9)
    assert above[0] == pytest.approx(0.5, abs=1e-9)
    assert above[1] < 0.5
    turn = placement.rotation()
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1.0)


def test_points_behind_the_camera_have_no_image():
    """A point behind the camera gives NaN instead of a mirrored place."""
    placement = CameraPlacement()
    behind = 2 * placement.position() - np.array(placement.look_at)
    assert np.isnan(placement.project([behind])).all()


@pytest.mark.parametrize("turn", [-5, 0, 5])
@pytest.mark.parametrize("tilt", [-2, 0, 2])
def test_the_fingers_are_in_view_all_over_the_workspace(turn, tilt):
    """At every corner of the workspace, all of the open fingers are in the picture."""
    nominal = CameraPlacement()
    placement = CameraPlacement(
        nominal.angle_deg + turn, elevation_deg=nominal.elevation_deg + tilt
    )
    for corner in itertools.product(*zip(WORKSPACE.lower, WORKSPACE.upper, strict=True)):
        seen = placement.project(np.array(FINGERS) + corner)
        assert seen.min() > 0.0
        assert seen.max() < 1.0


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_motion_along_each_axis_shows(axis):
    """A move of 5 cm along any axis shifts the hand by more than 2 % of the picture's width."""
    step = np.zeros(3)
    step[axis] = 0.05
    before, after = CameraPlacement().project(
        [[0.5, 0.0, 0.26], np.array([0.5, 0.0, 0.26]) + step]
    )
    assert np.linalg.norm(after - before) > 0.02


def test_the_picture_agrees_with_the_projection(driver, camera):
    """What closing the gripper changes in the picture lies where the fingers project to."""
    placement = CameraPlacement(angle_deg=63.0)
    place_camera(driver.model, placement)
    light_scene(driver.model, Lighting())
    position = np.array([0.5, 0.05, 0.2])
    driver.move_to([*position, np.pi, 0, 0, 0])
    before = camera.capture(driver.data).astype(int)
    driver.set_gripper(1.0)
    changed = np.abs(camera.capture(driver.data) - before).sum(axis=2) > 30
    rows, columns = np.nonzero(changed)
    middle = np.array([columns.mean(), rows.mean()]) / changed.shape[0]
    expected = placement.project([(*position[:2], position[2] + 0.03)])[0]
    assert changed.sum() > 10
    np.testing.assert_allclose(middle, expected, atol=0.03)
