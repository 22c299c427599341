"""Waiting until an arm stands still."""

from __future__ import annotations

import time
from collections.abc import Callable

import franky
import numpy as np

TIMEOUT = 3.0  # s
_WINDOW = 0.05  # s
_STILL = 0.005  # rad/s


def wait_until_still(measure: Callable[[], franky.RobotState]) -> bool:
    """Wait until no joint is faster than 0.005 rad/s; False when that takes above `TIMEOUT`.

    A motion is over for franky when its reference stands, which the arm trails: a picture taken
    then would show it millimetres away from its end. Speeds are changes of position over a window
    of the robot's own clock. The reported ones may chatter about a joint at rest, and a simulator
    on a busy machine is slower than the wall clock.
    """
    deadline = time.monotonic() + TIMEOUT
    earlier = measure()
    while time.monotonic() < deadline:
        now = measure()
        elapsed = now.time.to_sec() - earlier.time.to_sec()
        if elapsed < _WINDOW:
            continue
        if np.abs(np.subtract(now.q, earlier.q)).max() < _STILL * elapsed:
            return True
        earlier = now
    return False
