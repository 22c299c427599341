"""Two fingers that take position targets, as a hand that moves and grasps."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from vjepa2_robot.arm_driver import ArmError
from vjepa2_robot.joint_link import JointLink, JointSample

_WINDOW, _STILL = 0.1, 0.0005  # s, m
_ARRIVED = 0.002  # m
_LONGEST_STEP = 0.05  # s
_LONGEST_PUSH = 2.0  # s; that what the fingers touch may still yield


@dataclass(frozen=True)
class FingerState:
    """What `vjepa2_robot.gripper_reader.GripperState` asks for."""

    width: float
    is_grasped: bool


class JointHand:
    """A `vjepa2_robot.gripper.Hand`. Widths in metres, speeds in m/s, by the arm's own clock.

    The force of a grasp is what the fingers' position controllers are limited to.
    """

    def __init__(self, link: JointLink) -> None:
        self._link = link
        self._seen = link.newest()
        self._grasped = False

    @property
    def state(self) -> FingerState:
        """The fingers now, or when they were last seen: it is the arm that says it is lost."""
        with suppress(ArmError):
            self._seen = self._link.newest()
        return FingerState(self._seen.width, self._grasped)

    def move(self, width: float, speed: float) -> bool:
        """Move the fingers to a width; False where something stops them before."""
        self._grasped = False
        return abs(self._drive(width, speed) - width) <= _ARRIVED

    def grasp(
        self, width: float, speed: float, force: float, epsilon_inner: float, epsilon_outer: float
    ) -> bool:
        """Press the fingers together; whether they end near `width`, which counts as a grasp."""
        end = self._drive(width, speed)
        self._grasped = width - epsilon_inner <= end <= width + epsilon_outer
        return self._grasped

    def _drive(self, width: float, speed: float) -> float:
        """Lead the fingers to a width, wait until they stand still, and return where."""
        sample = start = self._link.newest()
        way, moved, pushed = width - start.width, 0.0, 0.0
        earlier = start
        while pushed < _LONGEST_PUSH:
            now = self._link.after(sample)
            step = min(max(now.stamp - sample.stamp, 0.0), _LONGEST_STEP)
            sample = now
            if moved < abs(way):
                moved = min(moved + speed * step, abs(way))
                share = moved / abs(way)
                self._link.send_fingers((start.width + share * way) / 2)
                earlier = now
                continue
            pushed += step
            if now.stamp - earlier.stamp >= _WINDOW:
                if self._still(earlier, now):
                    break
                earlier = now
        return sample.width

    def _still(self, earlier: JointSample, now: JointSample) -> bool:
        return abs(now.width - earlier.width) < _STILL
