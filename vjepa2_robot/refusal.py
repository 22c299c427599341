"""Turning a command down before anything moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vjepa2_robot.arm_driver import ArmState, MotionCode, MotionResult, Vector


class RefusalError(Exception):
    """Why a command is not carried out; becomes a `MotionResult` before it leaves a driver."""

    def __init__(self, code: MotionCode, message: str) -> None:
        super().__init__(message)
        self.code = code

    def result(self, requested: ArrayLike | None, state: ArmState) -> MotionResult:
        """The refusal as a result: no motion, the arm still at `state`.

        requested: the delta [7]; NaN in the result when there was none of that shape.
        """
        try:
            asked = np.array(requested, dtype=np.float64)
        except (TypeError, ValueError):
            asked = np.full(7, np.nan)
        return MotionResult(
            code=self.code,
            requested=asked if asked.shape == (7,) else np.full(7, np.nan),
            achieved=np.zeros(7),
            start=state,
            end=state,
            motion_end_stamp=state.stamp,
            message=str(self),
        )


def finite_vector(name: str, value: ArrayLike) -> Vector:
    """Check that `value` is 7 finite numbers and return a copy of it, or raise `RefusalError`."""
    try:
        vector = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise RefusalError(
            MotionCode.REFUSED_SHAPE, f"{name} is not an array of numbers: {error}"
        ) from error
    if vector.shape != (7,):
        raise RefusalError(
            MotionCode.REFUSED_SHAPE, f"{name} has shape {vector.shape}; 7 numbers are needed"
        )
    if not np.isfinite(vector).all():
        raise RefusalError(
            MotionCode.REFUSED_NOT_FINITE, f"{name} is not finite: {vector.tolist()}"
        )
    return vector


def closedness_in_range(value: float) -> float:
    """Check that a gripper closedness is a finite number in [0, 1], or raise `RefusalError`."""
    try:
        closedness = float(value)
    except (TypeError, ValueError) as error:
        raise RefusalError(
            MotionCode.REFUSED_SHAPE, f"closedness is not a number: {error}"
        ) from error
    if not np.isfinite(closedness):
        raise RefusalError(MotionCode.REFUSED_NOT_FINITE, f"closedness is {closedness}")
    if not 0.0 <= closedness <= 1.0:
        raise RefusalError(
            MotionCode.REFUSED_CLOSEDNESS,
            f"closedness {closedness:g} is outside [0, 1] (0 open, 1 closed)",
        )
    return closedness
