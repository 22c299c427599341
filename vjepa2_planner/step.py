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
    CAMERA_SILENT = 8
    ARM_SILENT = 9
    WORLD_MODEL_LOST = 10
    CANCELLED = 11
    BUSY = 12
    INACTIVE = 13
    BAD_REQUEST = 14
    FAILED = 15
    UNKNOWN = 255

    @property
    def fault(self) -> bool:
        """Something went wrong, rather than the pursuit having come to its end."""
        return self >= Outcome.PLANNING_FAILED


@dataclass(frozen=True)
class Timing:
    """Where the time of a step went [s]."""

    waiting: float  # for an image captured after the last motion
    encoding: float
    planning: float
    motion: float
    total: float  # from the request for the image to the end of the motion

    @property
    def overhead(self) -> float:
        """What is none of the others: hand-over between the parts."""
        return self.total - self.waiting - self.encoding - self.planning - self.motion


@dataclass(frozen=True, eq=False)
class Step:
    """One commanded action: energy and state before it, the plan, and where it led."""

    index: int
    energy: float  # between the view before the action and the goal
    state: NDArray[np.float64]  # [7] before the action
    stamp: float  # capture of the image planned from [s]
    action: NDArray[np.float64]  # [7] as given to the arm: the plan's first; see FingerCheck
    plan: Plan
    motion: MotionResult
    timing: Timing

    @property
    def planning_seconds(self) -> float:
        """From the image in hand to the action: encoding and planning."""
        return self.timing.encoding + self.timing.planning


@dataclass(frozen=True, eq=False)
class Ending:
    """Why a pursuit ended, and the last look; NaN where there was none."""

    outcome: Outcome
    reason: str
    energy: float  # between the last view and the goal
    state: NDArray[np.float64]  # [7]
    code: int | None = None  # the planning fault's, the motion's or the failure's own
