"""States between recorded ones."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from vjepa2_data.rosbag_states import covered, interpolate
from vjepa2_data.rosbag_timing import NANOSECONDS

angle = st.floats(-3.1, 3.1)


@given(angle, st.floats(-1.4, 1.4), angle, st.floats(-2.0, 2.0), st.floats(0.0, 1.0))
def test_a_steady_turn_is_met_exactly(
    x: float, y: float, z: float, turn: float, part: float
) -> None:
    """Between two states the rotation goes at constant speed along the shortest arc."""
    first = Rotation.from_euler("xyz", [x, y, z])
    axis = np.array([1.0, 2.0, -2.0]) / 3.0

    def state(share: float) -> list[float]:
        rotation = Rotation.from_rotvec(share * turn * axis) * first
        return [share, -share, 2.0 * share, *rotation.as_euler("xyz"), share]

    known = np.array([0, NANOSECONDS])
    at = np.array([round(part * NANOSECONDS)])
    (found,) = interpolate(known, np.array([state(0.0), state(1.0)]), at)
    np.testing.assert_allclose(found[[0, 1, 2, 6]], [part, -part, 2 * part, part], atol=1e-6)
    difference = Rotation.from_euler("xyz", found[3:6]) * (
        Rotation.from_euler("xyz", state(part)[3:6]).inv()
    )
    assert difference.magnitude() < 1e-6


def test_roll_passes_through_pi() -> None:
    """From 3.1 to -3.1 the way is through pi, not through 0."""
    states = np.zeros((2, 7))
    states[:, 3] = 3.1, -3.1
    (found,) = interpolate(np.array([0, 10]), states, np.array([5]))
    assert abs(abs(found[3]) - np.pi) < 1e-9


def test_stamps_of_today_keep_their_nanoseconds() -> None:
    """Seconds since 1970 as floats would be off by 0.2 us, and by far more in float32."""
    start = 1_700_000_000 * NANOSECONDS
    states = np.zeros((2, 7))
    states[1, 0] = 1.0
    (found,) = interpolate(np.array([start, start + 1000]), states, np.array([start + 250]))
    assert abs(found[0] - 0.25) < 1e-9


def test_covered_only_between_near_states() -> None:
    """Outside, and in a hole, a state is not made up; at a state itself it is known."""
    known = np.array([10, 11, 20]) * NANOSECONDS // 10
    at = np.array([9, 10, 10.5, 11, 15, 20, 21]) * NANOSECONDS / 10
    expected = [False, True, True, True, False, True, False]
    assert covered(known, at.astype(np.int64), 0.2).tolist() == expected
