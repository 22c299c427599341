"""An arm that refuses what its limits do not allow, whichever driver moves it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

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
from vjepa2_robot.speed_limited import SpeedLimited


@dataclass(frozen=True)
class _Allowed:
    """A command that passed the limits; `clipped_from` is what was asked when that differs."""

    motion: Callable[[], MotionResult]
    clipped_from: Vector | None = None


class LimitedArm:
    """An `ArmDriver` around another one. A refusal is a result with a code, never a motion.

    limits: may be replaced at any time, which applies from the next command on.
    enabled: while False, every command is REFUSED_INACTIVE. To end what moves, and be sure that
        nothing follows, set it to False and then `stop`.
    last_state: the last one that could be measured.
    """

    def __init__(self, arm: ArmDriver, limits: Limits | None = None) -> None:
        """Take over `arm` and read its state once; ArmError when that fails."""
        self.limits = limits or Limits()
        self.enabled = True
        self.last_state = arm.state()
        self._arm = arm
        self._slot = MotionSlot()
        self._last_sequence: int | None = None
        # The last halt and the last one that was lifted: one that arrives while another is
        # lifted stays.
        self._halt = self._lifted = object()

    @property
    def moving(self) -> bool:
        """True while a command is being carried out."""
        return self._slot.active

    @property
    def halted(self) -> bool:
        """True from `halt` until `recover` or `resume`."""
        return self._halt is not self._lifted

    def execute(
        self,
        delta: ArrayLike,
        issued: float | None = None,
        sequence: int | None = None,
        start: ArrayLike | None = None,
        by_hand: bool = False,
    ) -> MotionResult:
        """Move by a delta [7] if the limits allow it.

        issued: time.monotonic() when the command was made [s]; older than `max_command_age`, or
            more than 0.02 s ahead, is REFUSED_STALE. None means made just now.
        sequence: number that must rise from command to command, else REFUSED_SEQUENCE.
        start: pose [7] that the delta was planned from; REFUSED_MOVED where the arm stands
            elsewhere by now.
        by_hand: a person asks for it, so it is carried out while `halted` too, which is STOPPED
            otherwise.
        """

        def allow(state: ArmState, limits: Limits) -> _Allowed:
            self._check_order(issued, sequence, limits.max_command_age)
            wanted = finite_vector("delta", delta)
            if start is not None:
                limits.check_start(finite_vector("start", start), state.pose)
            limits.check_delta(wanted)
            position = state.pose[:3] + wanted[:3]
            held = limits.held_in_workspace(position)
            command, clipped_from = wanted, None
            if not np.array_equal(held, position):
                command, clipped_from = wanted.copy(), wanted
                command[:3] = held - state.pose[:3]
                # An arm that stands far outside the box must not be pulled back in one leap.
                limits.check_translation(command[:3])
            if sequence is not None:
                # Only of what is carried out: no bad command may shut out those after it.
                self._last_sequence = sequence
            return _Allowed(lambda: self._arm.execute(command), clipped_from)

        return self._guarded(allow, requested=delta, while_halted=by_hand)

    def move_to(self, pose: ArrayLike) -> MotionResult:
        """Move to an absolute pose [7] inside the workspace, at any distance."""

        def allow(state: ArmState, limits: Limits) -> _Allowed:
            wanted = finite_vector("pose", pose)
            closedness_in_range(float(wanted[6]))
            held = limits.held_in_workspace(wanted[:3])
            if np.array_equal(held, wanted[:3]):
                return _Allowed(lambda: self._arm.move_to(wanted))
            target = np.concatenate([held, wanted[3:]])
            return _Allowed(
                lambda: self._arm.move_to(target), clipped_from=delta_between(state.pose, wanted)
            )

        return self._guarded(allow)

    def move_joints(self, positions: ArrayLike) -> MotionResult:
        """Move to joint positions [7] rad; the path there is not held in the workspace."""

        def allow(state: ArmState, limits: Limits) -> _Allowed:
            target = finite_vector("joint positions", positions)
            limits.check_joints(target)
            return _Allowed(lambda: self._arm.move_joints(target))

        return self._guarded(allow)

    def set_gripper(self, closedness: float) -> MotionResult:
        """Drive the gripper to a closedness in [0, 1]."""

        def allow(state: ArmState, limits: Limits) -> _Allowed:
            target = closedness_in_range(closedness)
            return _Allowed(lambda: self._arm.set_gripper(target))

        return self._guarded(allow)

    def state(self) -> ArmState:
        """Measure the arm now; ArmError when that fails."""
        self.last_state = self._arm.state()
        return self.last_state

    def halt(self) -> None:
        """Let no `execute` begin from now on, but those by hand; `stop` ends what moves."""
        self._halt = object()

    def resume(self) -> None:
        """Let `execute` begin again."""
        self._lifted = self._halt

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
        """Clear a reflex or error, and once the arm is IDLE a `halt` and the last sequence number.

        ArmError when that fails, or while a motion is in progress.
        """
        try:
            with self._slot:
                halt = self._halt
                self._arm.recover()
                if self._arm.mode() is RobotMode.IDLE:
                    self._lifted = halt
                    # Or one client with a clock that was ahead would shut out all others for good.
                    self._last_sequence = None
        except RefusalError as busy:
            raise ArmError(str(busy), busy.code) from busy

    def mode(self) -> RobotMode:
        """What the arm is able to do now."""
        return self._arm.mode()

    def close(self) -> None:
        """Close the driver."""
        self._arm.close()

    def _guarded(
        self,
        allow: Callable[[ArmState, Limits], _Allowed],
        requested: ArrayLike | None = None,
        while_halted: bool = True,
    ) -> MotionResult:
        try:
            with self._slot:
                if not self.enabled:
                    raise RefusalError(
                        MotionCode.REFUSED_INACTIVE, "the arm takes no commands; activate it first"
                    )
                if self.halted and not while_halted:
                    raise RefusalError(
                        MotionCode.STOPPED, "stopped on request; call recover to go on"
                    )
                limits = self.limits
                state = self._readable_state()
                if state.mode is not RobotMode.IDLE:
                    raise RefusalError(
                        MotionCode.REFUSED_MODE,
                        f"the arm is in mode {state.mode.name}; bring it to IDLE first "
                        "(recover it, or release the stop button)",
                    )
                finite_vector("the measured pose", state.pose)
                allowed = allow(state, limits)
                if self._slot.interrupted():
                    raise RefusalError(MotionCode.STOPPED, "stopped before the motion began")
                if isinstance(self._arm, SpeedLimited):
                    self._arm.limit_speed(limits.speed_factor, limits.acceleration_factor)
                result = allowed.motion()
        except RefusalError as refusal:
            return refusal.result(requested, self.last_state)
        self.last_state = result.end
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

    def _check_order(
        self, issued: float | None, sequence: int | None, max_command_age: float
    ) -> None:
        last = self._last_sequence
        if sequence is not None and last is not None and sequence <= last:
            raise RefusalError(
                MotionCode.REFUSED_SEQUENCE,
                f"sequence {sequence} does not follow {last}; the command was replayed or "
                "overtaken",
            )
        if issued is not None:
            age = time.monotonic() - issued
            if not -_AHEAD <= age <= max_command_age:
                raise RefusalError(
                    MotionCode.REFUSED_STALE,
                    f"the command is {age:.3g} s old; only 0 to "
                    f"{max_command_age:g} s (max_command_age) is accepted",
                )


# s; the clocks of two hosts are never quite equal.
_AHEAD = 0.02
