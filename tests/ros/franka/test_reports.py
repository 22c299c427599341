"""Messages of an arm carry the time of the clock that its node lives by."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from rclpy.clock import ROSClock
from rclpy.time import Time

from vjepa2_franka.reports import end_effector_state, motion_report
from vjepa2_node.stamps import now_seconds, to_seconds
from vjepa2_robot.arm_driver import ArmState, MotionCode, MotionResult


def _state(simulated: float | None) -> ArmState:
    return ArmState(np.zeros(7), np.zeros(7), 0.08, time.monotonic(), simulated_stamp=simulated)


def _simulated_clock(seconds: float) -> ROSClock:
    clock = ROSClock()
    clock._set_ros_time_is_active(True)
    clock.set_ros_time_override(Time(seconds=seconds))
    return clock


def test_a_simulated_stamp_stays_as_it_is_however_far_the_clock_has_stepped() -> None:
    """`/clock` stands still between two of its messages, while time.monotonic() goes on."""
    stamps = [
        to_seconds(end_effector_state(_simulated_clock(12.0), "base", _state(at)).header.stamp)
        for at in (12.001, 12.002, 12.003)
    ]
    assert stamps == pytest.approx([12.001, 12.002, 12.003], abs=1e-9)


def test_a_motion_ends_at_the_simulated_stamp_of_its_end() -> None:
    start, end = _state(12.0), _state(13.5)
    result = MotionResult(MotionCode.REACHED, np.zeros(7), np.zeros(7), start, end, end.stamp)
    report = motion_report(_simulated_clock(20.0), result)
    assert to_seconds(report.motion_end_stamp) == pytest.approx(13.5, abs=1e-9)


@pytest.mark.parametrize("simulated", [None, 12.0])
def test_by_the_clock_of_the_wall_the_monotonic_stamp_counts(simulated: float | None) -> None:
    clock = ROSClock()
    state = replace(_state(simulated), stamp=time.monotonic() - 2.0)
    stamp = to_seconds(end_effector_state(clock, "base", state).header.stamp)
    assert now_seconds(clock) - stamp == pytest.approx(2.0, abs=0.5)
