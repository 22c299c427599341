"""Cancelling before, while and after a motion runs."""

import threading

import numpy as np
import pytest

from vjepa2_franka.cancellable_motion import CancellableMotion
from vjepa2_franka.reports import unknown_state
from vjepa2_robot.arm_driver import MotionCode, MotionResult
from vjepa2_robot.refusal import RefusalError


def result() -> MotionResult:
    state = unknown_state()
    return MotionResult(MotionCode.REACHED, np.zeros(7), np.zeros(7), state, state, state.stamp)


def never() -> MotionResult:
    raise AssertionError("this motion must not begin")


def test_cancelled_before_it_began() -> None:
    """The motion never begins, and nothing is stopped."""
    motion = CancellableMotion()
    motion.cancel(lambda: pytest.fail("stopped another one's motion"))
    with pytest.raises(RefusalError, match="before the motion began") as refused:
        motion.run(never)
    assert refused.value.code is MotionCode.STOPPED


def test_cancelled_after_it_ended() -> None:
    """Nothing is stopped: what moves then is another one's motion."""
    motion = CancellableMotion()
    assert motion.run(result).code is MotionCode.REACHED
    motion.cancel(lambda: pytest.fail("stopped another one's motion"))


def test_cancelled_while_it_begins() -> None:
    """A stop that comes too early for the arm is repeated until the motion has ended."""
    motion = CancellableMotion()
    begun, stopped = threading.Event(), threading.Event()
    stops = []

    def move() -> MotionResult:
        begun.set()
        assert stopped.wait(30)
        return result()

    def stop() -> None:
        stops.append(1)
        if len(stops) == 3:
            stopped.set()

    thread = threading.Thread(target=motion.run, args=(move,))
    thread.start()
    assert begun.wait(30)
    motion.cancel(stop)
    thread.join(30)
    assert len(stops) >= 3


def test_a_motion_that_fails_has_ended() -> None:
    """An error of the motion comes through, and a cancellation then returns."""
    motion = CancellableMotion()

    def fail() -> MotionResult:
        raise RuntimeError("of the arm")

    with pytest.raises(RuntimeError, match="of the arm"):
        motion.run(fail)
    motion.cancel(lambda: pytest.fail("stopped another one's motion"))
