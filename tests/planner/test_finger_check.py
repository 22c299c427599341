"""What the fingers did stays where the next view is nearer to the goal, else it is taken back."""

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner.finger_check import FingerCheck

Vector = NDArray[np.float64]


def action(change: float, x: float = 0.01) -> Vector:
    """As planned: a small step of the arm, and a change of the gripper."""
    return np.array([x, 0.0, 0.0, 0.0, 0.0, 0.0, change])


def at(closedness: float) -> Vector:
    """The arm's state."""
    return np.array([0.5, 0.0, 0.2, np.pi, 0.0, 0.0, closedness])


def fingers(change: float) -> list[float]:
    """Fingers alone."""
    return [0.0] * 6 + [change]


def test_the_arm_rests_while_fingers_move() -> None:
    """Or two views would differ by more than the fingers."""
    check = FingerCheck()
    assert check.settled(action(0.0), at(0.0), 0.3, last=False).tolist() == action(0.0).tolist()
    assert check.settled(action(0.4), at(0.0), 0.2, last=False).tolist() == fingers(0.4)


def test_what_led_away_is_taken_back_and_not_done_again() -> None:
    """By as much as was measured; the other direction is still free."""
    check = FingerCheck()
    check.settled(action(-0.5), at(0.6), 0.020, last=False)
    back = check.settled(action(0.0), at(0.2), 0.025, last=False)
    np.testing.assert_allclose(back, fingers(0.4))
    again = check.settled(action(-0.5), at(0.6), 0.020, last=False)
    assert again.tolist() == action(0.0).tolist()
    assert check.settled(action(0.3), at(0.6), 0.020, last=False).tolist() == fingers(0.3)


def test_it_goes_back_no_further_than_it_was_allowed_to_go() -> None:
    """The fingers were measured a little further: the robot's side would refuse that much."""
    check = FingerCheck()
    check.settled(action(0.75), at(0.0), 0.020, last=False)
    back = check.settled(action(0.0), at(0.76), 0.025, last=False)
    assert back.tolist() == fingers(-0.75)


def test_what_helped_stays() -> None:
    """The arm goes on, and the same direction may be taken again."""
    check = FingerCheck()
    check.settled(action(0.3), at(0.0), 0.020, last=False)
    onward = check.settled(action(0.0, x=0.02), at(0.3), 0.015, last=False)
    assert onward.tolist() == action(0.0, x=0.02).tolist()
    assert check.settled(action(0.2), at(0.3), 0.014, last=False).tolist() == fingers(0.2)


def test_taking_back_is_not_taken_back() -> None:
    """Whatever the view then says."""
    check = FingerCheck()
    check.settled(action(0.3), at(0.0), 0.020, last=False)
    check.settled(action(0.0), at(0.3), 0.030, last=False)
    assert check.settled(action(0.0), at(0.0), 0.040, last=False).tolist() == action(0.0).tolist()


def test_a_grip_that_is_tightened_is_not_let_go() -> None:
    """The fingers hold something and cannot move: whatever the view says, they did not do it."""
    check = FingerCheck()
    check.settled(action(0.3), at(0.50), 0.020, last=False)
    assert check.settled(action(0.0), at(0.51), 0.025, last=False).tolist() == action(0.0).tolist()


def test_nobody_looks_after_the_last_step() -> None:
    """So it leaves the fingers, and takes back what the one before did wrong."""
    check = FingerCheck()
    assert check.settled(action(0.3), at(0.0), 0.02, last=True).tolist() == action(0.0).tolist()
    check.settled(action(0.3), at(0.0), 0.02, last=False)
    back = check.settled(action(0.0), at(0.3), 0.03, last=True)
    np.testing.assert_allclose(back, fingers(-0.3))
