"""Leading an arm's joints along a path, by the arm's own clock."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from vjepa2_robot.joint_link import JointLink, JointSample, MeasuredJoints
from vjepa2_robot.joint_path import JointPath

BRAKING_S = 0.15
"""How long an interrupted motion slows down, on its path."""
MOTION_TIMEOUT = 60.0  # s
SETTLE_TIMEOUT = 3.0  # s
_LONGEST_STEP = 0.05  # s
_WINDOW, _STILL = 0.05, 0.005  # s, rad/s


def follow(link: JointLink, path: JointPath, interrupted: Callable[[], bool]) -> None:
    """Send the targets of a path, one for each measurement; brake once `interrupted` is true.

    Time passes with the stamps of the measurements: an arm whose clock is slow, as a simulation's
    may be, is led as slowly, and one that stands still for a while is not asked to leap. Raises
    ArmError when measurements stop, and TimeoutError after 60 s; the arm then stays at the last
    target.
    """
    sample, elapsed, pace = link.newest(), 0.0, 1.0
    deadline = time.monotonic() + MOTION_TIMEOUT
    while elapsed < path.duration and pace > 0.0:
        if time.monotonic() > deadline:
            raise TimeoutError("the motion never ended; does the arm's clock run?")
        now = link.after(sample)
        step = min(max(now.stamp - sample.stamp, 0.0), _LONGEST_STEP)
        if interrupted():
            pace = max(0.0, pace - step / BRAKING_S)
        elapsed += pace * step
        link.send_arm(path.at(elapsed))
        sample = now


def wait_until_still(joints: MeasuredJoints) -> bool:
    """Wait until no joint is faster than 0.005 rad/s; False when that takes above 3 s."""
    deadline = time.monotonic() + SETTLE_TIMEOUT
    earlier = now = joints.newest()
    while time.monotonic() < deadline:
        now = joints.after(now)
        elapsed = now.stamp - earlier.stamp
        if elapsed < _WINDOW:
            continue
        if _farthest(earlier, now) < _STILL * elapsed:
            return True
        earlier = now
    return False


def _farthest(earlier: JointSample, now: JointSample) -> float:
    return float(np.abs(now.arm - earlier.arm).max())
