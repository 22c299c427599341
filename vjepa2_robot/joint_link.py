"""The narrow seam to an arm that takes joint targets and tells where its joints are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from vjepa2_robot.arm_driver import Vector


@dataclass(frozen=True, eq=False)
class JointSample:
    """One measurement.

    arm: [7] joint positions [rad]. fingers: [2] distance of each finger from the middle [m].
    stamp: of the measurement, by the arm's own clock [s]. received: time.monotonic() [s].
    """

    arm: Vector
    fingers: Vector
    stamp: float
    received: float

    @property
    def width(self) -> float:
        """Distance between the fingers [m]."""
        return float(self.fingers.sum())


class MeasuredJoints(Protocol):
    """Joints to look at; safe to use from any thread."""

    def newest(self) -> JointSample:
        """The latest measurement; ArmError where none has come for too long."""
        ...

    def after(self, sample: JointSample) -> JointSample:
        """Wait for a measurement that is not `sample`; ArmError where none comes."""
        ...

    def close(self) -> None:
        """Let go of the arm; safe to call twice."""
        ...


class JointLink(MeasuredJoints, Protocol):
    """Joints that a position controller holds at the last target that was sent."""

    def send_arm(self, positions: Vector) -> None:
        """New targets [7] rad of the arm's joints."""
        ...

    def send_fingers(self, distance: float) -> None:
        """New target of each finger's distance from the middle [m]."""
        ...
