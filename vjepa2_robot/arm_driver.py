"""What a robot arm is to the rest of the stack: a protocol, its state, its results."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]


class RobotMode(IntEnum):
    """What the arm is able to do now."""

    IDLE = 0
    MOVING = 1
    REFLEX = 2
    USER_STOPPED = 3
    GUIDING = 4
    RECOVERING = 5
    DISCONNECTED = 6
    OTHER = 7


class MotionCode(IntEnum):
    """How a command ended: below 10 done, from 10 faults, from 50 refusals (nothing moved)."""

    REACHED = 0
    CLIPPED = 1
    DRY_RUN = 2

    NOT_REACHED = 10
    STOPPED = 11
    REFLEX = 12
    CONNECTION_LOST = 13
    MOTION_FAILED = 14
    GRIPPER_FAULT = 20
    GRIPPER_TIMEOUT = 21

    REFUSED_SHAPE = 50
    REFUSED_NOT_FINITE = 51
    REFUSED_TRANSLATION = 52
    REFUSED_ROTATION = 53
    REFUSED_WORKSPACE = 54
    REFUSED_CLOSEDNESS = 55
    REFUSED_GRIPPER_CHANGE = 56
    REFUSED_JOINTS = 57
    REFUSED_STALE = 58
    REFUSED_SEQUENCE = 59
    REFUSED_MODE = 60
    REFUSED_BUSY = 61
    REFUSED_FRAME = 62
    REFUSED_INACTIVE = 63
    REFUSED_MOVED = 64

    UNKNOWN = 255

    @property
    def ok(self) -> bool:
        """True when the command, perhaps clipped, was carried out; in a dry run: could be."""
        return self < 10

    @property
    def refused(self) -> bool:
        """True when the command was turned down before anything moved."""
        return 50 <= self < MotionCode.UNKNOWN


@dataclass(frozen=True, eq=False)
class ArmState:
    """The arm at one instant.

    pose: [7] float64; x y z [m, robot base frame], extrinsic xyz Euler angles [rad],
        gripper closedness (0 open, 1 closed), of the model's end-effector frame.
    joint_positions: [7] float64 [rad].
    gripper_width: measured distance between the fingers [m].
    stamp: time.monotonic() of the measurement [s].
    simulated_stamp: the same instant by the clock of a simulation that the arm lives in [s];
        None for an arm that lives in ours.
    """

    pose: Vector
    joint_positions: Vector
    gripper_width: float
    stamp: float
    mode: RobotMode = RobotMode.IDLE
    simulated_stamp: float | None = None


@dataclass(frozen=True, eq=False)
class MotionResult:
    """What became of one command.

    requested, achieved: [7] float64 deltas (see `poses.apply_delta`). achieved is measured,
        and zero for a refusal.
    motion_end_stamp: time.monotonic() after which the arm stood still [s]; an image captured
        later shows the arm at `end`.
    message: one sentence for a person; empty when all went as asked.
    """

    code: MotionCode
    requested: Vector
    achieved: Vector
    start: ArmState
    end: ArmState
    motion_end_stamp: float
    message: str = field(default="")

    @property
    def seconds(self) -> float:
        """From the reading of the start to standstill [s]."""
        return self.motion_end_stamp - self.start.stamp


class ArmError(RuntimeError):
    """The arm could not be reached or read; `code` says why, the message what to do."""

    def __init__(self, message: str, code: MotionCode = MotionCode.CONNECTION_LOST) -> None:
        super().__init__(message)
        self.code = code


@runtime_checkable
class ArmDriver(Protocol):
    """An arm with a gripper. Motions block; `stop`, `state` and `mode` work from any thread.

    A motion that goes wrong is a `MotionResult` with a code, never an exception. Construction,
    `state` and `recover` raise `ArmError` when the arm cannot be read or does not recover.
    """

    def state(self) -> ArmState:
        """Measure the arm now."""
        ...

    def execute(self, delta: ArrayLike) -> MotionResult:
        """Move by a delta [7] in the base frame and wait; the gripper follows its change."""
        ...

    def move_to(self, pose: ArrayLike) -> MotionResult:
        """Move to an absolute pose [7], gripper included, and wait."""
        ...

    def move_joints(self, positions: ArrayLike) -> MotionResult:
        """Move to joint positions [7] rad and wait; the gripper stays as it is."""
        ...

    def set_gripper(self, closedness: float) -> MotionResult:
        """Drive the gripper to a closedness in [0, 1] and wait; the arm stays."""
        ...

    def stop(self) -> None:
        """Interrupt the motion in progress, which then ends with STOPPED."""
        ...

    def recover(self) -> None:
        """Clear a reflex or error so that motions are accepted again."""
        ...

    def mode(self) -> RobotMode:
        """What the arm is able to do now."""
        ...

    def close(self) -> None:
        """Stop and release the connection; safe to call twice."""
        ...
