"""Fingers do what two goals tell; else they are tried, and what did not help is taken back."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from torch import Tensor

from tests.planner.hands import Hands, hand
from vjepa2_planner import FingerCheck, FingerSettings, Outcome, PursuitFailure
from vjepa2_planner.gripper_direction import Stroke

Vector = NDArray[np.float64]
SETTINGS = FingerSettings(alone=0.03, cost=0.001, margin=0.005)
ARM = 0.003
"""What the arm is planned to do [m]: as good as nothing."""


def stays(x: float = ARM) -> list[float]:
    """The arm alone."""
    return [x, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def fingers(change: float) -> list[float]:
    """Fingers alone."""
    return [0.0] * 6 + [change]


class Watched:
    """An arm whose fingers are decided on, step by step."""

    def __init__(self, *goals: Tensor, closedness: float = 0.0, model: Hands | None = None):
        """goals: pursued so far; the last one is from now on."""
        self.now = 0.0
        self.check: FingerCheck[Tensor] = FingerCheck(SETTINGS, lambda: self.now)
        self.model = model or Hands()
        for goal in goals:
            self.pursue(goal, closedness)

    def pursue(self, goal: Tensor, closedness: float) -> None:
        """Another goal."""
        self.check.begin(self.model, goal, hand(closedness)[0].numpy().astype(np.float64))

    def step(
        self,
        closedness: float,
        energy: float = 0.02,
        *,
        opening: float = -1.0,
        closing: float = -1.0,
        x: float = ARM,
        following: int = 5,
    ) -> list[float]:
        """What is executed. opening, closing: what the plan says that they save; nan: not told."""
        both = (Stroke(-0.75, opening), Stroke(0.75, closing))
        strokes = [stroke for stroke in both if not math.isnan(stroke.saving)]
        action = np.array([x, 0.0, 0.0, 0.0, 0.0, 0.0, 0.3])
        state = hand(closedness)[0].numpy().astype(np.float64)
        executed = self.check.settled(action, state, energy, strokes, following)
        return [float(number) for number in executed]


AROUND, GRASP = hand(0.0), hand(0.4)
CLOSES = {"closing": -0.0005}


def test_goals_that_differ_by_the_fingers_say_what_these_do() -> None:
    """Once and as far as they may, whatever the plan and the next view say of it."""
    watched = Watched(AROUND, GRASP)
    assert watched.step(0.0, 0.020) == fingers(0.75)
    assert watched.step(0.4, 0.030) == stays()
    assert watched.step(0.4, 0.030) == stays()


def test_the_arm_comes_first() -> None:
    """Until it is still, or hardly a step is left; not where it is still somewhere else."""
    watched = Watched(AROUND, GRASP)
    assert watched.step(0.0, x=0.01) == stays(0.01)
    assert watched.step(0.0, x=0.01, following=2) == stays(0.01)
    assert watched.step(0.0, x=0.04, closing=math.nan, following=1) == stays(0.04)
    assert watched.step(0.0, 0.061, x=0.001) == stays(0.001)
    assert watched.step(0.0, x=0.01, following=0) == fingers(0.75)


@pytest.mark.parametrize("doubt", [0.0, 0.04])
def test_what_has_closed_on_something_can_only_open(doubt: float) -> None:
    """Even if the model sees it a little differently."""
    watched = Watched(AROUND, GRASP, model=Doubtful(doubt))
    assert watched.step(0.0) == fingers(0.75)
    assert watched.step(0.4) == stays()
    watched.pursue(hand(0.4, z=0.3), 0.4)
    assert watched.step(0.4) == stays()
    watched.pursue(hand(0.0, z=0.3), 0.4)
    assert watched.step(0.4) == fingers(-0.75)


class Doubtful(Hands):
    """Opening seems so much worse than it is, in the energies' ratio."""

    def __init__(self, doubt: float) -> None:
        super().__init__()
        self.doubt = doubt

    def energies(
        self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor, /
    ) -> Tensor:
        self.asked += len(actions)
        return 1.0 + self.doubt * (actions[:, 0, 6] * (context[-1, 6] - 0.3) > 0)


def test_goals_that_tell_clearly_what_can_not_be_are_left() -> None:
    """An object has slipped out before the release; one is still held before the grasp."""
    for former, goal, closedness in ((0.4, 0.0, 0.0), (0.0, 0.4, 1.0)):
        watched = Watched(hand(former), hand(goal), closedness=closedness)
        assert watched.step(closedness) == stays()
        assert "not possible" in watched.check.told


def test_a_close_that_was_never_carried_out_is_made_again() -> None:
    """It was refused, or the run is dry: nothing stands between the fingers."""
    watched = Watched(AROUND, GRASP)
    assert watched.step(0.0) == fingers(0.75)
    assert watched.step(0.0) == stays()
    watched.pursue(AROUND, 0.0)
    watched.pursue(GRASP, 0.0)
    assert watched.step(0.0) == fingers(0.75)


def test_a_pause_changes_nothing() -> None:
    """The same goal again is what it was, done or not, however long it took."""
    watched = Watched(AROUND, GRASP)
    watched.now = 1000.0
    watched.pursue(GRASP, 0.0)
    assert watched.step(0.0) == fingers(0.75)
    watched.pursue(GRASP, 0.4)
    assert watched.step(0.4) == stays()
    watched.pursue(GRASP, 0.0)  # somebody has taken it out of the hand
    assert watched.step(0.0) == fingers(0.75)


@pytest.mark.parametrize("how", ["long ago", "fault"])
def test_a_goal_of_another_time_tells_nothing(how: str) -> None:
    """Nobody knows what has become of the arm since."""
    watched = Watched(hand(0.4), closedness=0.4)
    watched.step(0.4)
    if how == "fault":
        watched.check.forget()
    else:
        watched.now = 31.0
    watched.pursue(hand(0.0), 0.4)
    assert watched.step(0.4) == stays()


class Forgetful(Hands):
    """Has lost its latents, or gives no number."""

    def __init__(self, answer: Outcome | float) -> None:
        super().__init__()
        self.answer = answer

    def distance(self, latent: Tensor, goal: Tensor, /) -> float:
        if isinstance(self.answer, Outcome):
            raise PursuitFailure(self.answer, "no such latent")
        return self.answer


@pytest.mark.parametrize("answer", [Outcome.WORLD_MODEL_LOST, math.nan, math.inf])
def test_a_forgotten_goal_tells_nothing(answer: Outcome | float) -> None:
    """Nor does a distance that is no number; what is held stays held."""
    watched = Watched(hand(0.4), hand(0.0), closedness=0.4, model=Forgetful(answer))
    assert watched.step(0.4) == stays()


def test_a_cancelled_pursuit_ends() -> None:
    """Even while two goals are compared."""
    with pytest.raises(PursuitFailure):
        Watched(AROUND, GRASP, model=Forgetful(Outcome.CANCELLED))


def test_a_grip_that_is_taken_back_still_is_one() -> None:
    """After an opening in vain, the release may come."""
    watched = Watched(AROUND, GRASP)
    watched.step(0.0)
    watched.step(0.4)
    watched.pursue(hand(0.4, x=0.7), 0.4)
    assert watched.step(0.4, 0.020, opening=0.006) == fingers(-0.75)
    np.testing.assert_allclose(watched.step(0.0, 0.030), fingers(0.4), atol=1e-6)
    watched.pursue(hand(0.0, x=0.7), 0.4)
    assert watched.step(0.4) == fingers(-0.75)


def test_fingers_never_move_on_what_is_no_number() -> None:
    """Neither an energy that is none, nor a state."""
    watched = Watched(AROUND, GRASP)
    assert watched.step(0.0, closing=-math.inf) == stays()
    lost = Watched(hand(0.4), closedness=0.4)
    lost.check.begin(lost.model, hand(0.0), hand(0.4, x=math.nan)[0].numpy().astype(np.float64))
    assert lost.model.asked == 0
    assert lost.step(0.4) == stays()


def test_fingers_that_can_do_both_do_what_explains_the_goals() -> None:
    """Closed by others, perhaps on nothing."""
    for goal, change in ((0.0, -0.75), (0.9, 0.75)):
        assert Watched(hand(0.4), hand(goal), closedness=0.4).step(0.4) == fingers(change)


def test_after_an_arm_that_moves_a_change_has_to_save_the_margin() -> None:
    """Up to there the arm goes on by itself."""
    watched = Watched(hand(0.4), hand(0.4, x=0.7), closedness=0.4)
    assert watched.step(0.4, opening=0.004, closing=0.004) == stays()
    assert watched.step(0.4, opening=0.006) == fingers(-0.75)


def test_a_first_goal_may_be_a_grasp() -> None:
    """Closing is tried, and stays where it has met something and helped; all is done then."""
    watched = Watched(GRASP)
    assert watched.step(0.0, 0.020, closing=-0.002) == stays()
    assert watched.step(0.0, 0.020, **CLOSES, x=0.01) == stays(0.01)
    assert watched.step(0.0, 0.020, **CLOSES) == fingers(0.75)
    assert watched.step(0.4, 0.015, **CLOSES, opening=1.0) == stays()


def test_opening_is_not_tried_lightly() -> None:
    """It might let something fall."""
    watched = Watched(AROUND, closedness=0.4)
    assert watched.step(0.4, opening=0.004) == stays()
    assert watched.step(0.4, opening=0.006) == fingers(-0.75)


@pytest.mark.parametrize("energy", [0.0199, 0.0300])
def test_what_did_not_clearly_help_is_taken_back(energy: float) -> None:
    """By as much as was measured, and not tried again for this goal."""
    watched = Watched(GRASP)
    watched.step(0.0, 0.020, **CLOSES)
    np.testing.assert_allclose(watched.step(0.4, energy, **CLOSES), fingers(-0.4), atol=1e-6)
    assert watched.step(0.0, 0.020, **CLOSES) == stays()
    watched.pursue(GRASP, 0.0)
    assert watched.step(0.0, 0.020, **CLOSES) == fingers(0.75)


def test_closing_that_met_nothing_is_taken_back() -> None:
    """Whatever the view says."""
    watched = Watched(GRASP)
    watched.step(0.0, 0.020, **CLOSES)
    np.testing.assert_allclose(watched.step(0.74, 0.010), fingers(-0.74), atol=1e-6)


def test_it_goes_back_no_further_than_it_was_allowed_to_go() -> None:
    """The fingers were measured a little further: the robot's side would refuse that much."""
    watched = Watched(GRASP)
    watched.step(0.0, 0.020, **CLOSES)
    assert watched.step(0.76, 0.025) == fingers(-0.75)


def test_a_grip_that_can_not_be_tightened_is_not_let_go() -> None:
    """The fingers could not move: whatever the view says, they did not do it."""
    watched = Watched(GRASP, closedness=0.5)
    watched.step(0.50, 0.020, **CLOSES)
    assert watched.step(0.51, 0.025) == stays()


def test_nobody_looks_after_the_last_step() -> None:
    """So it tries nothing, and takes back what the one before did in vain."""
    watched = Watched(GRASP)
    assert watched.step(0.0, **CLOSES, following=0) == stays()
    watched.step(0.0, 0.02, **CLOSES, following=1)
    np.testing.assert_allclose(watched.step(0.4, 0.03, following=0), fingers(-0.4), atol=1e-6)
