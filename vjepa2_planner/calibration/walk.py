"""The arm goes along a plan of moves, with a look before and after each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner.arm import Arm
from vjepa2_planner.calibration.code import CalibrationCode, CalibrationError
from vjepa2_planner.calibration.moves import MovePlan

MOVED_SHARE = 0.2
"""Share of a move under which the arm counts as not moved, as in a dry run."""


class Look(Protocol):
    """What is seen at one instant."""

    @property
    def state(self) -> NDArray[np.float64]:
        """Of the arm [7] at the capture: m, rad, closedness."""
        ...


Seen = TypeVar("Seen", bound=Look)


@dataclass(frozen=True, eq=False)
class Walked(Generic[Seen]):
    """One executed move. executed: measured change of x y [2] in m."""

    before: Seen
    after: Seen
    executed: NDArray[np.float64]


def walk(
    plan: MovePlan,
    arm: Arm,
    look: Callable[[float], Seen],
    cancelled: Callable[[], bool] = lambda: False,
    settle_seconds: float = 0.0,
    not_before: float = -np.inf,
) -> Iterator[Walked[Seen]]:
    """Execute all moves, one after the other; the arm's height and rotation stay.

    look: a view captured later than a stamp on the clock of the arm's ``motion_end_stamp``; the
    first one later than ``not_before``. cancelled: asked before each move. Raises
    :class:`CalibrationError` MOTION_FAILED or CANCELLED, and what arm and look raise.
    """
    before = look(not_before)
    for delta in plan.deltas:
        if cancelled():
            raise CalibrationError(CalibrationCode.CANCELLED, "cancelled by request")
        action = np.zeros(7)
        action[:2] = delta
        motion = arm.execute(action, start=before.state)
        if not motion.code.ok:
            if cancelled():
                raise CalibrationError(CalibrationCode.CANCELLED, "cancelled while moving")
            raise CalibrationError(
                CalibrationCode.MOTION_FAILED, f"a move was not carried out: {motion.message}"
            )
        after = look(motion.motion_end_stamp + settle_seconds)
        executed = (after.state - before.state)[:2]
        if np.linalg.norm(executed) < MOVED_SHARE * np.linalg.norm(delta):
            raise CalibrationError(
                CalibrationCode.MOTION_FAILED,
                f"asked to move by {100 * np.linalg.norm(delta):.1f} cm, the arm moved by "
                f"{100 * np.linalg.norm(executed):.1f} cm: is it a dry run, or at its limits?",
            )
        yield Walked(before, after, executed)
        before = after
