"""Stamps: ROS times, seconds, and the monotonic clock that drivers measure with."""

from __future__ import annotations

import time

from builtin_interfaces.msg import Time
from rclpy.clock import Clock

NANOSECONDS = 1_000_000_000


def to_seconds(stamp: Time) -> float:
    """Seconds of a ROS time; exact to 0.3 microseconds for today's dates."""
    return float(stamp.sec) + float(stamp.nanosec) / NANOSECONDS


def to_time(seconds: float) -> Time:
    """The ROS time of seconds, at least 0; `to_seconds` gives back the same number."""
    seconds = max(seconds, 0.0)
    whole = int(seconds)
    # Apart, or the product would round away what makes the way back exact.
    nanoseconds = whole * NANOSECONDS + round((seconds - whole) * NANOSECONDS)
    return Time(sec=nanoseconds // NANOSECONDS, nanosec=nanoseconds % NANOSECONDS)


def now_seconds(clock: Clock) -> float:
    """Seconds of a node's clock, now."""
    return float(clock.now().nanoseconds) / NANOSECONDS


def from_monotonic(clock: Clock, stamp: float) -> float:
    """Seconds of a node's clock at `time.monotonic()` equal to `stamp`."""
    return stamp + _ahead(clock)


def to_monotonic(clock: Clock, seconds: float) -> float:
    """`time.monotonic()` at seconds of a node's clock."""
    return seconds - _ahead(clock)


def _ahead(clock: Clock) -> float:
    """How far a node's clock is ahead of `time.monotonic()` [s]."""
    readings = []
    # A thread may lose the processor between two clocks, so the closest readings count: the stamp
    # of a motion's end must not come out earlier than the end was.
    for _ in range(3):
        before = time.monotonic()
        now = now_seconds(clock)
        after = time.monotonic()
        readings.append((after - before, now - (before + after) / 2))
    return min(readings)[1]
