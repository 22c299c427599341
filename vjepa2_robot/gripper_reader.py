"""What a hand measures, kept up to date on a thread of its own; nothing here can move it."""

from __future__ import annotations

import logging
import threading
from typing import Protocol

from vjepa2_robot.arm_driver import ArmError, MotionCode
from vjepa2_robot.gripper_settings import GripperSettings

logger = logging.getLogger(__name__)


class GripperState(Protocol):
    """What a hand measures. Width in metres."""

    @property
    def width(self) -> float: ...
    @property
    def is_grasped(self) -> bool: ...


class MeasuredHand(Protocol):
    """A hand that can be read; `franky.Gripper` is one."""

    @property
    def state(self) -> GripperState: ...


class GripperReader:
    """Reads a hand a hundred times a second."""

    def __init__(self, hand: MeasuredHand, settings: GripperSettings | None = None) -> None:
        self.settings = settings or GripperSettings()
        self._hand = hand
        self._measured = hand.state
        self._measuring = threading.Lock()
        self._lost: Exception | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._read, name="gripper state", daemon=True)
        self._thread.start()

    @property
    def width(self) -> float:
        """Last measured distance between the fingers [m]; ArmError once none comes any more."""
        if self._lost is not None:
            raise ArmError(
                f"lost the gripper's state ({self._lost}); check it in Desk, then connect again",
                MotionCode.GRIPPER_FAULT,
            )
        return float(self._measured.width)

    @property
    def closedness(self) -> float:
        """Last measured closedness, 0 open to 1 closed."""
        return self.settings.closedness(self.width)

    @property
    def holding(self) -> bool:
        """True when the hand reports a grasp."""
        return bool(self._measured.is_grasped)

    def measure(self) -> None:
        """Measure now."""
        # Under the lock, so that a slow reading never replaces a later one.
        with self._measuring:
            self._measured = self._hand.state

    def close(self) -> None:
        """Let go of the hand, once; a thread that hangs in it is left behind."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._thread.join(timeout=1.0)
        del self._hand

    def _read(self) -> None:
        while not self._closed.is_set():
            try:
                self.measure()
            except Exception as error:
                logger.warning("gripper state lost: %s", error)
                self._lost = error
                return
            self._closed.wait(0.01)
