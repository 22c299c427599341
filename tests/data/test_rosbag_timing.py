"""Cutting a bag's pictures into episodes of a constant rate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vjepa2_data.rosbag_timing import (
    NANOSECONDS,
    at_constant_rate,
    own_rate,
    split_at_gaps,
    split_evenly,
)


def stamps(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(1.7e18 + seconds * NANOSECONDS).astype(np.int64)


ascending = st.lists(st.floats(0.01, 0.5), min_size=1, max_size=60).map(
    lambda steps: stamps(np.cumsum(steps))
)


@pytest.mark.parametrize(("rate", "expected"), [(14.97, 15.0), (29.8, 30.0), (3.6, 3.6)])
def test_own_rate_is_whole_where_it_nearly_is(rate: float, expected: float) -> None:
    """A camera's rate is what it was set to, if that is near."""
    intervals = np.full(20, round(NANOSECONDS / rate))
    assert own_rate(intervals) == pytest.approx(expected)


@given(ascending, st.floats(0.02, 0.4))
def test_pieces_have_no_gap_and_lose_nothing(at: NDArray[np.int64], gap: float) -> None:
    """Cutting at gaps keeps every picture once, in order."""
    pieces = split_at_gaps(at, gap)
    np.testing.assert_array_equal(np.concatenate(pieces), np.arange(len(at)))
    for piece in pieces:
        assert (np.diff(at[piece]) <= gap * NANOSECONDS).all()


@given(ascending, st.floats(0.5, 5.0))
def test_parts_are_short_enough_and_alike(at: NDArray[np.int64], longest: float) -> None:
    """Long stretches become parts of about the same number of pictures."""
    parts = split_evenly(at, longest)
    np.testing.assert_array_equal(np.concatenate(parts), np.arange(len(at)))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@given(ascending, st.floats(1.0, 60.0))
def test_every_tick_takes_its_nearest_picture(at: NDArray[np.int64], fps: float) -> None:
    """No other picture is nearer to a tick than the one that it takes."""
    chosen = at_constant_rate(at, fps)
    seconds = (at - at[0]) / NANOSECONDS
    ticks = np.arange(len(chosen)) / fps
    nearest = np.abs(seconds - ticks[:, None]).min(axis=1)
    np.testing.assert_allclose(np.abs(seconds[chosen] - ticks), nearest, atol=1e-9)
    assert chosen[0] == 0 and (np.diff(chosen) >= 0).all()


def test_a_steady_camera_keeps_all_its_pictures() -> None:
    """Jitter under half a frame neither repeats nor drops a picture."""
    jitter = np.random.default_rng(0).uniform(-0.2, 0.2, 60)
    chosen = at_constant_rate(stamps((np.arange(60) + jitter) / 15), 15.0)
    assert abs(len(chosen) - 60) <= 1
    assert len(set(chosen.tolist())) >= 58
