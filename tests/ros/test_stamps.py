"""Stamps between ROS, seconds and the monotonic clock."""

from __future__ import annotations

import time

import pytest
from builtin_interfaces.msg import Time
from hypothesis import given
from hypothesis import strategies as st
from rclpy.clock import Clock

from vjepa2_node.stamps import from_monotonic, now_seconds, to_monotonic, to_seconds, to_time


@given(st.integers(0, 2**31 - 1), st.integers(0, 999_999_999))
def test_there_and_back(seconds: int, nanoseconds: int) -> None:
    """A ROS time survives seconds in double precision to half a microsecond."""
    stamp = Time(sec=seconds, nanosec=nanoseconds)
    again = to_time(to_seconds(stamp))
    difference = (again.sec - seconds) * 10**9 + again.nanosec - nanoseconds
    assert abs(difference) < 500
    assert 0 <= again.nanosec < 10**9


@given(st.floats(-5.0, 5.0))
def test_the_monotonic_clock_is_told_in_ros_time(age: float) -> None:
    """Both ways, to a millisecond."""
    clock = Clock()
    then = time.monotonic() - age
    assert now_seconds(clock) - from_monotonic(clock, then) == pytest.approx(age, abs=1e-3)
    assert to_monotonic(clock, from_monotonic(clock, then)) == pytest.approx(then, abs=1e-3)
