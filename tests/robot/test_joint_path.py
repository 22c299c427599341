"""Paths of joints: where they lead, and how fast."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vjepa2_robot.fr3 import JOINT_ACCELERATION, JOINT_SPEED
from vjepa2_robot.joint_path import JointPath

waypoints = st.integers(2, 15).flatmap(
    lambda count: arrays(np.float64, (count, 7), elements=st.floats(-2.8, 2.8))
)


@given(points=waypoints, factor=st.floats(0.01, 1.0))
def test_no_joint_is_too_fast(points: np.ndarray, factor: float) -> None:
    """Speed and acceleration stay within their limits, from rest to rest."""
    path = JointPath.through(points, factor * JOINT_SPEED, factor * JOINT_ACCELERATION)
    if path.duration == 0.0:
        return
    step = path.duration / 2000
    at = np.stack([path.at(step * k) for k in range(2001)])
    speed = np.diff(at, axis=0) / step
    assert (np.abs(speed) <= 1.02 * factor * JOINT_SPEED + 1e-9).all()
    acceleration = np.diff(speed, axis=0) / step
    assert (np.abs(acceleration) <= 1.02 * factor * JOINT_ACCELERATION + 1e-6).all()
    assert (np.abs(speed[[0, -1]]) < 0.01 * JOINT_SPEED).all()


@given(points=waypoints)
def test_it_leads_from_the_first_point_to_the_last(points: np.ndarray) -> None:
    """And stays there."""
    path = JointPath.through(points, JOINT_SPEED, JOINT_ACCELERATION)
    if path.duration > 0.0:
        np.testing.assert_allclose(path.at(0.0), points[0], atol=1e-9)
    for late in (0.0, 1.0):
        np.testing.assert_allclose(path.at(path.duration + late), points[-1], atol=1e-9)


def test_it_is_as_quick_as_one_limit_allows() -> None:
    """A long way at the rated speed, a short one at the rated acceleration."""
    way = np.zeros((2, 7))
    way[1, 0] = 4.0
    assert JointPath.through(way, JOINT_SPEED, np.full(7, 1e6)).duration == pytest.approx(
        1.875 * 4.0 / JOINT_SPEED[0]
    )
    assert JointPath.through(way, np.full(7, 1e6), JOINT_ACCELERATION).duration == pytest.approx(
        np.sqrt(10.0 / np.sqrt(3.0) * 4.0 / JOINT_ACCELERATION[0])
    )
