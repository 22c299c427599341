"""The robot side's pose algebra, which needs no torch, against the models'."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_poses import action_between, apply_action
from vjepa2_robot.poses import apply_delta, delta_between


def sevens(reach: float, turn: float) -> st.SearchStrategy[list[float]]:
    near, angle = st.floats(-reach, reach), st.floats(-turn, turn)
    return st.tuples(near, near, near, angle, angle, angle, st.floats(0, 1)).map(list)


@given(sevens(0.7, 1.2), sevens(0.1, 0.3))
def test_both_sides_agree(state: list[float], delta: list[float]) -> None:
    """The same delta leads to the same state, and the same two states to the same delta."""
    ours = apply_delta(np.array(state), np.array(delta))
    theirs = apply_action(torch.tensor(state).double(), torch.tensor(delta).double())
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-6)
    back = action_between(torch.tensor(state).double(), theirs)
    np.testing.assert_allclose(delta_between(np.array(state), ours), back.numpy(), atol=1e-6)
