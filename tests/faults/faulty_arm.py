"""A real driver in front of the simulated arm, with the faults that the simulation never has."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from numpy.typing import ArrayLike

from tests.faults.switches import LOOK, Switches
from vjepa2_robot.arm_driver import ArmError, ArmState, MotionCode, MotionResult, RobotMode
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.gripper import Hand

REFLEX = "reflex"
STOP_BUTTON = "stop_button"
GRIPPER = "gripper"

FAULTS = {
    REFLEX: (RobotMode.REFLEX, MotionCode.REFLEX),
    STOP_BUTTON: (RobotMode.USER_STOPPED, MotionCode.STOPPED),
}
"""The mode that a control box then is in, and the code of the motion that it ends."""


class FaultyArm:
    """An `ArmDriver` that brakes, and says why, while a switch is on, as a control box does.

    A reflex stays until `recover`, which fails as long as its switch is on.
    """

    def __init__(self, arm: FrankyArm, switches: Switches) -> None:
        self._arm = arm
        self._switches = switches
        self._fault = ""
        self._closed = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def limit_speed(self, speed_factor: float, acceleration_factor: float) -> None:
        self._arm.limit_speed(speed_factor, acceleration_factor)

    def state(self) -> ArmState:
        return self._seen(self._arm.state())

    def mode(self) -> RobotMode:
        mode = self._arm.mode()
        return FAULTS[self._fault][0] if self._fault else mode

    def execute(self, delta: ArrayLike) -> MotionResult:
        return self._moved(lambda: self._arm.execute(delta))

    def move_to(self, pose: ArrayLike) -> MotionResult:
        return self._moved(lambda: self._arm.move_to(pose))

    def move_joints(self, positions: ArrayLike) -> MotionResult:
        return self._moved(lambda: self._arm.move_joints(positions))

    def set_gripper(self, closedness: float) -> MotionResult:
        return self._moved(lambda: self._arm.set_gripper(closedness))

    def stop(self) -> None:
        self._arm.stop()

    def recover(self) -> None:
        self._arm.recover()
        if self._fault == REFLEX and self._switches.is_on(REFLEX):
            raise ArmError("the arm is still in reflex", MotionCode.REFLEX)
        self._fault = ""

    def close(self) -> None:
        self._closed.set()
        self._watch.join()
        self._arm.close()

    def _moved(self, motion: Callable[[], MotionResult]) -> MotionResult:
        result, fault = motion(), self._fault
        if not fault:
            return result
        code = FAULTS[fault][1]
        return replace(result, code=code, end=self._seen(result.end), message=f"ended by {fault}")

    def _seen(self, state: ArmState) -> ArmState:
        return replace(state, mode=FAULTS[self._fault][0]) if self._fault else state

    def _look(self) -> None:
        while not self._closed.wait(LOOK):
            pressed = self._switches.is_on(STOP_BUTTON)
            if self._switches.is_on(REFLEX):
                self._fault = REFLEX
            elif pressed or self._fault == STOP_BUTTON:
                self._fault = STOP_BUTTON if pressed else ""
            if self._fault:
                self._arm.stop()


class HangingHand:
    """A hand whose commands do not return while a switch is on."""

    def __init__(self, hand: Hand, switches: Switches) -> None:
        self._hand = hand
        self._switches = switches

    @property
    def state(self) -> Any:
        return self._hand.state

    def move(self, width: float, speed: float) -> bool:
        self._hang()
        return self._hand.move(width, speed)

    def grasp(self, *how: float) -> bool:
        self._hang()
        return self._hand.grasp(*how)

    def _hang(self) -> None:
        while self._switches.is_on(GRIPPER):
            threading.Event().wait(LOOK)
