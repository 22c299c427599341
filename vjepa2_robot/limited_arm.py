"""An arm that refuses what its limits do not allow, whichever driver moves it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from vjepa2_robot.arm_driver import (
    ArmDriver,
    ArmError,
    ArmState,
    MotionCode,
    MotionResult,
    RobotMode,
    Vector,
)
from vjepa2_robot.limits import Limits
from vjepa2_robot.motion_slot import MotionSlot
from vjepa2_robot.poses import delta_between
from vjepa2_robot.refusal import RefusalError, closedness_in_range, finite_vector


@runtime_checkable
class SpeedLimited(Protocol):
    """A driver whose motions take time, and so have a speed to limit."""

    def limit_speed(self, speed_factor: float, acceleration_factor: float) -> None:
        """Cap motions at these parts, in (0, 1], of the rated speed and acceleration."""
        ...


@dataclass(frozen=True)
class _Allowed:
    """A command that passed the limits; `clipped_from` is what was asked when that differs."""

    motion: Callable[[], MotionResult]
    clipped_from: Vector | None = None


class LimitedArm:
    """An `ArmDriver` around another one. A refusal is a result with a code, never a motion."""

    def __init__(self, arm: ArmDriver, limits: Limits | None = None) -> None:
        """Take over `arm` and read its state once; ArmError when that fails."""
        self.limits = limits or Limits()
        self._arm = arm
        self._slot = MotionSlot()
        self._last_sequence: int | None = None
        self._last_state = arm.state()
        if isinstance(arm, SpeedLimited):
            arm.limit_speed(self.limits.speed_factor, self.limits.acceleration_factor)

    def execute(
        self, delta: ArrayLike, issued: float | None = None, sequence: int | None = None
    ) -> MotionResult:
        """Move by a delta [7] if the limits allow it.

        issued: time.monotonic() when the command was made [s]; older than `max_command_age`,
            or from the future, is REFUSED_STALE. None means made just now.
        sequence: number that must rise from command to command, else REFUSED_SEQUENCE.
        """

        def allow(state: ArmState) -> _Allowed:
            self._check_order(issued, sequence)
            wanted = finite_vector("delta", delta)
            self.limits.check_delta(wanted)
            position = state.pose[:3] + wanted[:3]
            held = self.limits.held_in_workspace(position)
            if np.array_equal(held, position):
                return _Allowed(lambda: self._arm.execute(wanted))
            clipped = wanted.copy()
            clipped[:3] = held - state.pose[:3]
            # An arm that stands far outside the box must not be pulled back in one leap.
            self.limits.check_translation(clipped[:3])
            return _Allowed(lambda: self._arm.execute(clipped), clipped_from=wanted)

        return self._guarded(allow, requested=delta)

    def move_to(self, pose: ArrayLike) -> MotionResult:
        """Move to an absolute pose [7] inside the workspace, at any distance."""

        def allow(state: ArmState) -> _Allowed:
            wanted = finite_vector("pose", pose)
            closedness_in_range(float(wanted[6]))
            held = self.limits.held_in_workspace(wanted[:3])
            if np.array_equal(held, wanted[:3]):
                return _Allowed(lambda: self._arm.move_to(wanted))
            target = np.concatenate([held, wanted[3:]])
            return _Allowed(
                lambda: self._arm.move_to(target), clipped_from=delta_between(state.pose, wanted)
            )

        return self._guarded(allow)

    def move_joints(self, positions: ArrayLike) -> MotionResult:
        """Move to joint positions [7] rad; the path there is not held in the workspace."""

        def allow(state: ArmState) -> _Allowed:
            target = finite_vector("joint positions", positions)
            self.limits.check_joints(target)
            return _Allowed(lambda: self._arm.move_joints(target))

        return self._guarded(allow)

    def set_gripper(self, closedness: float) -> MotionResult:
        """Drive the gripper to a closedness in [0, 1]."""

        def allow(state: ArmState) -> _Allowed:
            target = closedness_in_range(closedness)
            return _Allowed(lambda: self._arm.set_gripper(target))

        return self._guarded(allow)

    def state(self) -> ArmState:
        """Measure the arm now; ArmError when that fails."""
        self._last_state = self._arm.state()
        return self._last_state

    def stop(self) -> None:
        """Interrupt the motion in progress and wait for its end, a few seconds at most."""
        self._slot.interrupt()
        deadline = time.monotonic() + 5.0
        while True:
            # Repeated: a motion that has just passed the checks may not be the driver's yet.
            self._arm.stop()
            if self._slot.wait_free(timeout=0.02) or time.monotonic() > deadline:
                return

    def recover(self) -> None:
        """Clear a reflex or error."""
        self._arm.recover()

    def mode(self) -> RobotMode:
        """What the arm is able to do now."""
        return self._arm.mode()

    def close(self) -> None:
        """Close the driver."""
        self._arm.close()

    def _guarded(
        self, allow: Callable[[ArmState], _Allowed], requested: ArrayLike | None = None
    ) -> MotionResult:
        try:
            with self._slot:
                state = self._readable_state()
                if state.mode is not RobotMode.IDLE:
                    raise RefusalError(
                        MotionCode.REFUSED_MODE,
                        f"the arm is in mode {state.mode.name}; bring it to IDLE first "
                        "(recover it, or release the stop button)",
                    )
                finite_vector("the measured pose", state.pose)
                allowed = allow(state)
                if self._slot.interrupted():
                    raise RefusalError(MotionCode.STOPPED, "stopped before the motion began")
                result = allowed.motion()
        except RefusalError as refusal:
            return refusal.result(requested, self._last_state)
        self._last_state = result.end
        if allowed.clipped_from is None:
            return result
        return replace(
            result,
            code=MotionCode.CLIPPED if result.code is MotionCode.REACHED else result.code,
            requested=allowed.clipped_from,
            message=result.message or "the target was held in the workspace",
        )

    def _readable_state(self) -> ArmState:
        try:
            return self.state()
        except ArmError as error:
            raise RefusalError(error.code, str(error)) from error

    def _check_order(self, issued: float | None, sequence: int | None) -> None:
        if sequence is not None:
            if self._last_sequence is not None and sequence <= self._last_sequence:
                raise RefusalError(
                    MotionCode.REFUSED_SEQUENCE,
                    f"sequence {sequence} does not follow {self._last_sequence}; "
                    "the command was replayed or overtaken",
                )
            self._last_sequence = sequence
        if issued is not None:
            age = time.monotonic() - issued
            if not 0.0 <= age <= self.limits.max_command_age:
                raise RefusalError(
                    MotionCode.REFUSED_STALE,
                    f"the command is {age:.3g} s old; only 0 to "
                    f"{self.limits.max_command_age:g} s (max_command_age) is accepted",
                )
