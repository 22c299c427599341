"""What two goal images tell of the fingers."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.planner.hands import Hands, hand
from vjepa2_planner.fingers_between import fingers_between

CLOSEDNESS = st.floats(0.0, 1.0)


@given(CLOSEDNESS, CLOSEDNESS)
def test_the_direction_leads_from_one_to_the_other(former: float, goal: float) -> None:
    """Whatever both are."""
    evidence = fingers_between(Hands(), hand(former), hand(goal), hand(former)[0])
    if abs(goal - former) > 0.1:
        assert math.copysign(1.0, evidence) == math.copysign(1.0, goal - former)
    there_and_back = fingers_between(Hands(-1.0), hand(former), hand(goal), hand(former)[0])
    assert there_and_back == pytest.approx(-evidence, abs=1e-6)


@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_energies_that_are_none_tell_nothing(bad: float) -> None:
    """Nor does one of them among others."""

    class Blind(Hands):
        def energies(
            self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor, /
        ) -> Tensor:
            found = super().energies(context, states, goal, actions)
            return torch.where(actions[:, 0, 6] > 0.7, bad, found)

    assert math.isnan(fingers_between(Blind(), hand(0.0), hand(0.5), hand(0.0)[0]))
