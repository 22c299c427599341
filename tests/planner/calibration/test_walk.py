"""Going along the moves: what was executed is measured, and nothing goes on after a fault."""

from typing import Any

import numpy as np
import pytest

from vjepa2_planner.calibration import (
    CalibrationCode,
    CalibrationError,
    MoveArea,
    plan_moves,
    walk,
)

AREA = MoveArea((0.4, -0.2), (0.5, 0.0))
PLAN = plan_moves((0.45, -0.1), AREA, count=5, length=0.03)


class Looker:
    """Looks at an analytic arm, and notes from when on."""

    def __init__(self, arm: Any) -> None:
        self.arm = arm
        self.after: list[float] = []

    def __call__(self, after: float) -> Any:
        self.after.append(after)
        return self.arm.state_seen()


@pytest.fixture
def arm(make_arm: Any) -> Any:
    """An arm whose looks have a state."""

    class Seen:
        def __init__(self, state: np.ndarray) -> None:
            self.state = state

    made = make_arm()
    made.state_seen = lambda: Seen(made.pose.copy())
    return made


def test_executed_moves_are_the_planned_ones(arm: Any) -> None:
    """Of an exact arm, each seen after its motion ended and settled."""
    looker = Looker(arm)
    walked = list(walk(PLAN, arm, looker, settle_seconds=0.25))
    assert np.array([w.executed for w in walked]) == pytest.approx(PLAN.deltas)
    assert looker.after == [-np.inf, 1.25, 2.25, 3.25, 4.25, 5.25]


def test_a_failed_motion_ends_it(arm: Any) -> None:
    """With the arm's own sentence, after the moves before it."""
    arm.ends_at = 2
    walked = []
    with pytest.raises(CalibrationError, match="lava") as failed:
        for one in walk(PLAN, arm, Looker(arm)):
            walked.append(one)
    assert (failed.value.code, len(walked)) == (CalibrationCode.MOTION_FAILED, 2)


def test_an_arm_that_stays_where_it_is_is_found_out(arm: Any, make_arm: Any) -> None:
    """As in a dry run, whose motions all succeed."""
    still = Looker(arm)
    with pytest.raises(CalibrationError, match="dry run"):
        list(walk(PLAN, make_arm(), still))


def test_cancelled_nothing_more_moves(arm: Any) -> None:
    """Asked before each move."""
    walking = walk(PLAN, arm, Looker(arm), cancelled=lambda: arm.motions == 1)
    next(walking)
    with pytest.raises(CalibrationError) as cancelled:
        next(walking)
    assert (cancelled.value.code, arm.motions) == (CalibrationCode.CANCELLED, 1)
