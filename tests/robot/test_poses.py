"""Pose algebra on single 7-vectors."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from vjepa2_robot.poses import apply_delta, delta_between, rotation, rotation_angle


def numbers(low: float, high: float, count: int) -> st.SearchStrategy[list[float]]:
    return st.lists(st.floats(low, high), min_size=count, max_size=count)


poses = st.builds(
    lambda xyz, angles, closed: np.array([*xyz, *angles, closed]),
    numbers(-1, 1, 3),
    numbers(-np.pi, np.pi, 3),
    st.floats(0, 1),
)


@given(poses, poses)
def test_delta_between_leads_from_start_to_end(start: np.ndarray, end: np.ndarray) -> None:
    """Applying the delta between two poses to the first gives the second."""
    reached = apply_delta(start, delta_between(start, end))
    np.testing.assert_allclose(reached[[0, 1, 2, 6]], end[[0, 1, 2, 6]], atol=1e-9)
    assert (rotation(reached) * rotation(end).inv()).magnitude() < 1e-6


@given(poses, poses)
def test_rotation_is_applied_on_the_left(start: np.ndarray, delta: np.ndarray) -> None:
    """The new rotation matrix is dR R0, with extrinsic xyz angles: Rz Ry Rx."""

    def matrix(angles: np.ndarray) -> np.ndarray:
        x, y, z = (
            Rotation.from_rotvec(angle * axis).as_matrix()
            for angle, axis in zip(angles, np.eye(3), strict=True)
        )
        return z @ y @ x

    np.testing.assert_allclose(
        rotation(apply_delta(start, delta)).as_matrix(),
        matrix(delta[3:6]) @ matrix(start[3:6]),
        atol=1e-9,
    )


@given(poses, st.floats(-3, 3))
def test_closedness_is_clipped(start: np.ndarray, change: float) -> None:
    """The gripper's closedness stays in [0, 1] whatever the change."""
    end = apply_delta(start, [0, 0, 0, 0, 0, 0, change])
    assert end[6] == np.clip(start[6] + change, 0, 1)


def test_roll_wraps_around_at_pi() -> None:
    """A small step across roll = pi is a small delta, not one of nearly two pi."""
    before = np.array([0.5, 0, 0.4, np.pi - 0.02, 0, 0, 0])
    after = np.array([0.5, 0, 0.4, -np.pi + 0.02, 0, 0, 0])
    delta = delta_between(before, after)
    np.testing.assert_allclose(delta[3:6], [0.04, 0, 0], atol=1e-12)
    assert abs(rotation_angle(delta) - 0.04) < 1e-12
