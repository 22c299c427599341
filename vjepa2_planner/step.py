"""What the closed loop records."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner.arm import MotionResult
from vjepa2_planner.plan import Plan


class Outcome(IntEnum):
    """How a pursuit ended. Numeric codes, stable: they go into logs and messages."""

    BUDGET_SPENT = 0
    GOAL_MATCHED = 1
    STALLED = 2
    PLANNING_FAILED = 3
    MOTION_REFUSED = 4
    MOTION_FAILED = 5
    STATE_NOT_FINITE = 6
    VIEW_NOT_FINITE = 7

    @property
    def fault(self) -> bool:
        """Something went wrong, rather than the pursuit having come to its end."""
        return self >= Outcome.PLANNING_FAILED


@dataclass(frozen=True, eq=False)
class Step:
    """One commanded action: energy and state before it, the plan, and where it led."""

    index: int
    energy: float  # between the view before the action and the goal
    state: NDArray[np.float64]  # [7] before the action
    action: NDArray[np.float64]  # [7] as given to the arm: the first of the plan
    plan: Plan
    motion: MotionResult
    achieved: NDArray[np.float64]  # [7] state after the action
    planning_seconds: float  # from the image in hand to the action: encoding and planning


@dataclass(frozen=True, eq=False)
class Ending:
    """Why a pursuit ended, and the last look."""

    outcome: Outcome
    reason: str
    energy: float  # between the last view and the goal
    state: NDArray[np.float64]  # [7]
    code: int | None = None  # the planning fault's or the motion's own
