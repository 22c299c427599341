"""An arm that takes every command and carries out none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from vjepa2_robot.arm_driver import (
    ArmError,
    ArmState,
    MotionCode,
    MotionResult,
    RobotMode,
    Vector,
)
from vjepa2_robot.poses import delta_between
from vjepa2_robot.refusal import RefusalError, closedness_in_range, finite_vector


class ArmReader(Protocol):
    """What a dry run may do to an arm: look at it. See `ArmDriver`."""

    def state(self) -> ArmState: ...
    def mode(self) -> RobotMode: ...
    def close(self) -> None: ...


class DryRunArm:
    """An `ArmDriver` over an arm that can only be read.

    A command that a driver would carry out ends at once with DRY_RUN, and the measured change
    of the arm, none, is zero. In the results `requested` is what the motion would have been.
    """

    def __init__(self, arm: ArmReader) -> None:
        """Take over `arm` and read its state once; ArmError when that fails."""
        self._arm = arm
        self._last_state = arm.state()

    def execute(self, delta: ArrayLike) -> MotionResult:
        """Look whether a delta [7] could be carried out."""
        return self._shown(lambda _: finite_vector("delta", delta))

    def move_to(self, pose: ArrayLike) -> MotionResult:
        """Look whether a motion to a pose [7] could be carried out."""

        def requested(state: ArmState) -> Vector:
            wanted = finite_vector("pose", pose)
            closedness_in_range(float(wanted[6]))
            return delta_between(state.pose, wanted)

        return self._shown(requested)

    def move_joints(self, positions: ArrayLike) -> MotionResult:
        """Look whether a motion to joint positions [7] rad could be carried out.

        `requested` is NaN: where the joints lead is not computed here.
        """

        def requested(state: ArmState) -> Vector:
            finite_vector("joint positions", positions)
            return np.full(7, np.nan)

        return self._shown(requested)

    def set_gripper(self, closedness: float) -> MotionResult:
        """Look whether the gripper could be driven to a closedness in [0, 1]."""

        def requested(state: ArmState) -> Vector:
            change = closedness_in_range(closedness) - float(state.pose[6])
            return np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, change])

        return self._shown(requested)

    def state(self) -> ArmState:
        """Measure the arm now; ArmError when that fails."""
        self._last_state = self._arm.state()
        return self._last_state

    def stop(self) -> None:
        """Nothing moves that could be stopped."""

    def recover(self) -> None:
        """ArmError where there is an error: clearing it acts on the arm, so a dry run does not."""
        mode = self.mode()
        if mode is not RobotMode.IDLE:
            raise ArmError(
                f"the arm is in mode {mode.name}, and a dry run only looks at it; recover it in "
                "Desk, or without dry_run",
                MotionCode.REFUSED_MODE,
            )

    def mode(self) -> RobotMode:
        """What the arm is able to do now."""
        return self._arm.mode()

    def close(self) -> None:
        """Let go of the arm; safe to call twice."""
        self._arm.close()

    def _shown(self, requested: Callable[[ArmState], Vector]) -> MotionResult:
        try:
            state = self.state()
            wanted = requested(state)
        except ArmError as error:
            return RefusalError(error.code, str(error)).result(None, self._last_state)
        except RefusalError as refusal:
            return refusal.result(None, self._last_state)
        return MotionResult(
            code=MotionCode.DRY_RUN,
            requested=wanted,
            achieved=np.zeros(7),
            start=state,
            end=state,
            motion_end_stamp=state.stamp,
            message="dry run: the command is allowed, the arm was not moved",
        )
