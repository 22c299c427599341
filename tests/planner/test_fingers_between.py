"""What two goal images tell of the fingers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.planner.hands import Hands, hand
from vjepa2_planner import Outcome, PursuitFailure
from vjepa2_planner.fingers_between import fingers_between

ALONE = 0.03
CLOSEDNESS = st.floats(0.0, 1.0)


@given(CLOSEDNESS, CLOSEDNESS)
def test_the_direction_leads_from_one_to_the_other(former: float, goal: float) -> None:
    """Whatever both are; what is hardly to be seen tells nothing."""
    found = fingers_between(Hands(), hand(former), hand(goal), hand(former)[0], ALONE)
    if abs(goal - former) > 0.1:
        assert found == (1.0 if goal > former else -1.0)
    elif abs(goal - former) < 0.05:
        assert found is None


def test_an_arm_that_moves_tells_nothing_of_fingers() -> None:
    """It makes more of a difference than they do."""
    assert fingers_between(Hands(), hand(0.0), hand(0.5, x=0.55), hand(0.0)[0], ALONE) == 0.0


@pytest.mark.parametrize("only", [-1.0, 1.0])
def test_what_alone_is_possible_needs_no_model(only: float) -> None:
    """One that errs can't spoil it."""
    model = Hands()
    assert fingers_between(model, hand(0.4), hand(0.0), hand(0.4)[0], ALONE, (only,)) == only
    assert model.asked == 0
    assert fingers_between(model, hand(0.4), hand(0.0), hand(0.4)[0], ALONE, ()) == 0.0


class Forgetful(Hands):
    """Has lost its latents."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome

    def distance(self, latent: Tensor, goal: Tensor, /) -> float:
        raise PursuitFailure(self.outcome, "no such latent")


def test_a_forgotten_goal_tells_nothing() -> None:
    """The pursuit goes on without it; a cancelled one ends."""
    lost = Forgetful(Outcome.WORLD_MODEL_LOST)
    assert fingers_between(lost, hand(0.0), hand(0.5), hand(0.0)[0], ALONE) is None
    with pytest.raises(PursuitFailure):
        fingers_between(Forgetful(Outcome.CANCELLED), hand(0.0), hand(0.5), hand(0.0)[0], ALONE)
