"""Gripper semantics: closedness in, grasps and releases out, never in the way of the arm."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from vjepa2_robot.arm_driver import MotionCode
from vjepa2_robot.gripper_reader import GripperReader, MeasuredHand
from vjepa2_robot.gripper_settings import GripperSettings

logger = logging.getLogger(__name__)


class Hand(MeasuredHand, Protocol):
    """A parallel hand with blocking commands; `franky.Gripper` is one. Widths in metres."""

    def move(self, width: float, speed: float) -> bool: ...
    def grasp(
        self, width: float, speed: float, force: float, epsilon_inner: float, epsilon_outer: float
    ) -> bool: ...


@dataclass(frozen=True)
class GripperOutcome:
    """How a gripper command ended: REACHED, GRIPPER_FAULT, GRIPPER_TIMEOUT or STOPPED."""

    code: MotionCode = MotionCode.REACHED
    message: str = ""


_TIMED_OUT = GripperOutcome(
    MotionCode.GRIPPER_TIMEOUT,
    "the gripper gave no answer in time; check it in Desk, then connect again",
)


@dataclass(frozen=True)
class GripperMotion:
    """A gripper command in progress, and the time.monotonic() by which it should be done."""

    outcome: Future[GripperOutcome]
    deadline: float

    def wait(self, interrupted: Callable[[], bool] = lambda: False) -> GripperOutcome:
        """Outcome of the command; GRIPPER_TIMEOUT past its deadline, STOPPED once interrupted."""
        while not interrupted():
            remaining = self.deadline - time.monotonic()
            try:
                return self.outcome.result(timeout=min(max(remaining, 0.0), 0.02))
            except TimeoutError:
                if remaining <= 0.0:
                    return _TIMED_OUT
        return GripperOutcome(MotionCode.STOPPED, "stopped; the fingers may still be closing")


class Gripper:
    """Drives a hand on threads of its own.

    Rising closedness moves the fingers together and, where an object stops them there or just
    beyond, or they are to close fully, grasps with the set force; no change sends nothing, so a
    grasp is held; falling opens, which releases. A command that never returns blocks this gripper
    alone.
    """

    def __init__(self, hand: Hand, settings: GripperSettings | None = None) -> None:
        self.settings = settings or GripperSettings()
        self.reader = GripperReader(hand, self.settings)
        self._hand = hand
        self._motion: GripperMotion | None = None

    def drive_to(self, closedness: float) -> GripperMotion | None:
        """Start towards a closedness in [0, 1] without waiting; None when nothing is to be done.

        A command still in progress is waited for first, on the gripper's own thread.
        """
        change = closedness - self.reader.closedness
        rising = change > 0.0
        if abs(change) <= self.settings.tolerance or (rising and self.reader.holding):
            return None
        earlier = self._motion
        motion = GripperMotion(Future(), time.monotonic() + self.settings.timeout)
        self._motion = motion
        threading.Thread(
            target=self._carry_out,
            args=(motion, earlier, closedness, rising),
            name="gripper command",
            daemon=True,
        ).start()
        return motion

    def close(self) -> None:
        """Let go of the hand; a thread that hangs in it is left behind."""
        self.reader.close()
        del self._hand

    def _carry_out(
        self, motion: GripperMotion, earlier: GripperMotion | None, closedness: float, rising: bool
    ) -> None:
        if earlier is not None and earlier.wait().code is MotionCode.GRIPPER_TIMEOUT:
            motion.outcome.set_result(_TIMED_OUT)
            return
        try:
            done = self._close_to(closedness) if rising else self._open_to(closedness)
            self.reader.measure()
        except Exception as error:
            logger.warning("gripper command failed: %s", error)
            motion.outcome.set_result(
                GripperOutcome(MotionCode.GRIPPER_FAULT, f"gripper: {error}")
            )
            return
        motion.outcome.set_result(
            GripperOutcome()
            if done
            else GripperOutcome(
                MotionCode.GRIPPER_FAULT, f"the fingers stopped at {self.reader.width:.4f} m"
            )
        )

    def _open_to(self, closedness: float) -> bool:
        return bool(self._hand.move(self.settings.width(closedness), self.settings.speed))

    def _close_to(self, closedness: float) -> bool:
        settings = self.settings
        width = settings.width(closedness)
        slack = settings.tolerance * settings.open_width
        if width > slack and not self._blocked(settings.width(closedness + settings.feel)):
            return self.reader.width >= width - slack or self._open_to(closedness)
        return bool(
            self._hand.grasp(
                0.0, settings.speed, settings.force, settings.epsilon_inner, settings.epsilon_outer
            )
        )

    def _blocked(self, width: float) -> bool:
        """Close towards a width [m]; whether something stops the fingers before."""
        try:
            self._hand.move(width, self.settings.speed)
        except Exception as error:  # a hand may report blocked fingers as a failed command
            logger.info("fingers blocked on the way to %.4f m: %s", width, error)
        self.reader.measure()
        return self.reader.width - width > self.settings.tolerance * self.settings.open_width
