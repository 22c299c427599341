"""The thread that reads the arm."""

import threading
import time

from vjepa2_franka.reports import unknown_state
from vjepa2_franka.state_watch import StateWatch
from vjepa2_robot.arm_driver import ArmError, ArmState


def test_it_goes_on_after_a_failure() -> None:
    """Every state and every failure is told, and the rate may change in between."""
    told: list[object] = []
    enough = threading.Event()
    readings = 0
    period = 0.001

    def read() -> ArmState:
        nonlocal readings, period
        readings += 1
        if readings == 2:
            period = 0.05
            raise ArmError("cable cut")
        if readings == 3:
            raise RuntimeError("a fault of ours")
        return unknown_state()

    def tell(what: object) -> None:
        told.append(what)
        if len(told) == 5:
            enough.set()

    began = time.monotonic()
    watch = StateWatch(read, lambda: period, tell, tell)
    assert enough.wait(30)
    watch.close()
    assert [isinstance(what, ArmState) for what in told[:5]] == [True, False, False, True, True]
    assert time.monotonic() - began > 0.14


def test_it_keeps_its_rate() -> None:
    """The time that a reading takes counts: 50 readings of 5 ms at 100 Hz take half a second."""
    stamps: list[float] = []
    enough = threading.Event()

    def read() -> ArmState:
        time.sleep(0.005)
        return unknown_state()

    def seen(_: ArmState) -> None:
        stamps.append(time.monotonic())
        if len(stamps) == 51:
            enough.set()

    watch = StateWatch(read, lambda: 0.01, seen, lambda error: None)
    assert enough.wait(30)
    watch.close()
    assert 0.49 < stamps[-1] - stamps[0] < 2.0
