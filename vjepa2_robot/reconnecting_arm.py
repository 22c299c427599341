"""An arm whose connection can be made anew."""

from __future__ import annotations

import threading
from collections.abc import Callable

from numpy.typing import ArrayLike

from vjepa2_robot.arm_driver import ArmDriver, ArmError, ArmState, MotionResult, RobotMode
from vjepa2_robot.speed_limited import SpeedLimited


class ReconnectingArm:
    """An `ArmDriver` whose `recover` replaces a driver that has lost its arm by a new one.

    What is wrapped around it, limits and the order of commands, outlives a lost connection.
    """

    def __init__(self, connect: Callable[[], ArmDriver]) -> None:
        """`connect` makes a driver, or raises ArmError; the first one is made now."""
        self._connect = connect
        self._arm = connect()
        self._changing = threading.Lock()
        self._closed = False

    def recover(self) -> None:
        """Clear a reflex or error, or connect again; ArmError when that fails.

        No motion may be in progress.
        """
        with self._changing:
            if self._closed:
                raise ArmError("the arm was closed for good; open it again")
            if self._arm.mode() is RobotMode.DISCONNECTED:
                # An arm serves one client only, so the old one has to hang up first.
                self._arm.close()
                self._arm = self._connect()
                if self._arm.mode() is RobotMode.IDLE:
                    return
            self._arm.recover()

    def close(self) -> None:
        """Stop and release the connection for good; safe to call twice."""
        with self._changing:
            self._closed = True
            self._arm.close()

    def limit_speed(self, speed_factor: float, acceleration_factor: float) -> None:
        """See `SpeedLimited`; without effect on a driver whose motions take no time."""
        if isinstance(self._arm, SpeedLimited):
            self._arm.limit_speed(speed_factor, acceleration_factor)

    def state(self) -> ArmState:
        """See `ArmDriver`, as for all that follows."""
        return self._arm.state()

    def execute(self, delta: ArrayLike) -> MotionResult:
        return self._arm.execute(delta)

    def move_to(self, pose: ArrayLike) -> MotionResult:
        return self._arm.move_to(pose)

    def move_joints(self, positions: ArrayLike) -> MotionResult:
        return self._arm.move_joints(positions)

    def set_gripper(self, closedness: float) -> MotionResult:
        return self._arm.set_gripper(closedness)

    def stop(self) -> None:
        self._arm.stop()

    def mode(self) -> RobotMode:
        return self._arm.mode()
