"""How a Franka's tool centre point moves to a pose: the contract, and the point-to-point mode."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import franky


class MotionMode(Protocol):
    """How a motion to a target is carried out."""

    def run(
        self, robot: franky.Robot, target: franky.Affine, interrupted: Callable[[], bool]
    ) -> None:
        """Move to `target` in the base frame; return early once `interrupted` is true.

        Speed and acceleration are the robot's rated ones times its relative dynamics factor.
        Raises franky's exceptions when the robot ends the motion.
        """
        ...


def run_to_end(
    robot: franky.Robot,
    motion: franky.CartesianMotion | franky.JointMotion,
    interrupted: Callable[[], bool],
) -> None:
    """Run a franky motion; once `interrupted` is true, brake and raise its ControlException."""
    try:
        robot.move(motion, asynchronous=True)
        braking, deadline = False, time.monotonic() + MOTION_TIMEOUT
        # Polled: a Ctrl-C during a wait inside franky would come out as a ControlException.
        while not robot.join_motion(timeout=0.0):
            if interrupted() and not braking:
                robot.stop()
                braking, deadline = True, time.monotonic() + BRAKING_TIMEOUT
            if time.monotonic() > deadline:
                robot.stop()
                raise TimeoutError("the robot never said that the motion had ended")
            time.sleep(_POLL_PERIOD)
    except KeyboardInterrupt:
        # Braking ends the motion with an exception of its own, which must not hide the Ctrl-C.
        with suppress(franky.ControlException):
            robot.stop()
            robot.join_motion()
        raise


MOTION_TIMEOUT = 60.0  # s; the longest way across the workspace takes a few
BRAKING_TIMEOUT = 5.0  # s
_POLL_PERIOD = 0.005  # s


@dataclass(frozen=True)
class PointToPoint:
    """Stiff, time-optimal Cartesian motion with the robot's internal controller."""

    def run(
        self, robot: franky.Robot, target: franky.Affine, interrupted: Callable[[], bool]
    ) -> None:
        """See `MotionMode.run`."""
        run_to_end(robot, franky.CartesianMotion(target), interrupted)
