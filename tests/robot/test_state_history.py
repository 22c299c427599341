"""The arm's state at any time between two measurements."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from vjepa2_robot.poses import delta_between, rotation, rotation_angle
from vjepa2_robot.state_history import StateHistory, StateHistoryError


def numbers(low: float, high: float, count: int) -> st.SearchStrategy[list[float]]:
    return st.lists(st.floats(low, high), min_size=count, max_size=count)


states = st.builds(
    lambda xyz, angles, closed: np.array([*xyz, *angles, closed]),
    numbers(-1, 1, 3),
    numbers(-np.pi, np.pi, 3),
    st.floats(0, 1),
)
starts = st.floats(0, 2e9)
gaps = st.floats(1e-3, 10)
parts = st.floats(0, 1)


def between(first: np.ndarray, second: np.ndarray, start: float, gap: float) -> StateHistory:
    history = StateHistory()
    history.add(start, first)
    history.add(start + gap, second)
    return history


@given(states, states, starts, gaps, parts)
def test_interpolation(
    first: np.ndarray, second: np.ndarray, start: float, gap: float, part: float
) -> None:
    """Linear in position and closedness; the orientation has turned by its part of the way."""
    # What floats of today's dates can express.
    stamp = min(start + part * gap, start + gap)
    part = (stamp - start) / (start + gap - start)
    state = between(first, second, start, gap).at(stamp)
    linear = [0, 1, 2, 6]
    np.testing.assert_allclose(
        state[linear], first[linear] + part * (second - first)[linear], atol=1e-9
    )
    whole = delta_between(first, second)
    turned = delta_between(first, state)
    expected = rotation(whole).as_rotvec() * part
    if rotation_angle(whole) < np.pi - 1e-3:  # half a turn may go either way round
        assert (rotation(turned).inv() * Rotation.from_rotvec(expected)).magnitude() < 1e-5


@given(st.floats(1e-3, 0.3), st.floats(1e-3, 0.3), parts)
def test_roll_wraps_around_at_pi(below: float, beyond: float, part: float) -> None:
    """From just below pi to just above -pi the roll stays near pi, never near 0."""
    first = np.array([0, 0, 0, np.pi - below, 0, 0, 0])
    second = np.array([0, 0, 0, beyond - np.pi, 0, 0, 0])
    roll = between(first, second, 100.0, 1.0).at(100.0 + part)[3]
    expected = np.pi - below + part * (below + beyond)
    assert abs(np.angle(np.exp(1j * (roll - expected)))) < 1e-6


@given(states, states, starts, gaps)
def test_samples_come_back_as_they_were(
    first: np.ndarray, second: np.ndarray, start: float, gap: float
) -> None:
    """At the stamps of samples the state is the sample, bit for bit."""
    history = between(first, second, start, gap)
    np.testing.assert_array_equal(history.at(start), first)
    np.testing.assert_array_equal(history.at(start + gap), second)
    stamp, newest = history.newest
    assert stamp == start + gap
    np.testing.assert_array_equal(newest, second)


def test_outside_the_history_is_an_error() -> None:
    """Too old and too new are told apart, with what is known."""
    history = between(np.zeros(7), np.ones(7) * 0.5, 10.0, 2.0)
    with pytest.raises(StateHistoryError, match=r"9\.500 s .*0\.5 s before the oldest.*12\.000 s"):
        history.at(9.5)
    with pytest.raises(StateHistoryError, match=r"12\.500 s .*0\.5 s after the newest"):
        history.at(12.5)
    with pytest.raises(StateHistoryError, match="not known"):
        history.at(float("nan"))


def test_slack_holds_the_ends() -> None:
    """Within the slack the first or last state counts; beyond it nothing does."""
    history = StateHistory(slack=0.1)
    history.add(10.0, np.zeros(7))
    history.add(11.0, np.full(7, 0.5))
    np.testing.assert_array_equal(history.at(9.95), np.zeros(7))
    np.testing.assert_array_equal(history.at(11.05), np.full(7, 0.5))
    with pytest.raises(StateHistoryError):
        history.at(11.2)


def test_an_empty_history_says_so() -> None:
    """Before the first state there is nothing to ask for."""
    with pytest.raises(StateHistoryError, match="bridge"):
        StateHistory().at(1.0)
    with pytest.raises(StateHistoryError, match="bridge"):
        _ = StateHistory().newest


def test_the_oldest_go_first() -> None:
    """No more than `length` samples are kept."""
    history = StateHistory(length=3)
    for stamp in range(5):
        history.add(float(stamp), np.full(7, stamp / 10))
    np.testing.assert_allclose(history.at(2.5)[:3], 0.25)
    with pytest.raises(StateHistoryError):
        history.at(1.9)


def test_a_clock_that_is_set_back_starts_anew() -> None:
    """States from before the jump are no longer interpolated with."""
    history = between(np.zeros(7), np.ones(7) * 0.5, 10.0, 2.0)
    history.add(1.0, np.full(7, 0.2))
    np.testing.assert_array_equal(history.at(1.0), np.full(7, 0.2))
    with pytest.raises(StateHistoryError):
        history.at(11.0)


@pytest.mark.parametrize("state", [np.zeros(6), [np.nan] * 7])
def test_bad_states_are_refused(state: object) -> None:
    """A state of another shape, or not finite, is not kept."""
    history = StateHistory()
    with pytest.raises(ValueError, match="7 finite numbers"):
        history.add(1.0, state)  # type: ignore[arg-type]
    with pytest.raises(StateHistoryError):
        _ = history.newest


def test_one_thread_adds_while_another_asks() -> None:
    """What is asked for while samples arrive and leave is always on the line between them."""
    history = StateHistory(length=10)
    history.add(0.0, np.zeros(7))

    def write() -> None:
        for index in range(1, 20_000):
            history.add(index * 1e-3, np.full(7, index * 1e-5))

    writer = threading.Thread(target=write)
    writer.start()
    asked = 0
    while writer.is_alive():
        stamp, _ = history.newest
        try:
            state = history.at(stamp - 0.5e-3)
        except StateHistoryError:
            continue  # the writer was faster than ten samples
        asked += 1
        np.testing.assert_allclose(state[:3], (stamp - 0.5e-3) * 1e-2, atol=1e-6)
    writer.join()
    assert asked
