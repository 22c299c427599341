"""Planning problems: the same from the same seed, near and far in turn."""

import numpy as np

from vjepa2_sim.planning_problems import NEAR_M, draw_problems


def test_near_and_far_in_turn() -> None:
    """Odd seeds begin within one step of the goal, even ones at a trial's start."""
    far, near = draw_problems([100_000, 100_001], 64)
    assert 0.14 < far.distance_m < 0.31
    assert near.distance_m < NEAR_M * 3**0.5 + 1e-3
    for problem in (far, near):
        assert problem.view.shape == problem.goal.shape == (64, 64, 3)
        assert problem.state.shape == (7,)
        assert not np.array_equal(problem.view, problem.goal)


def test_a_seed_repeats() -> None:
    """Whatever was drawn before it."""
    (alone,) = draw_problems([100_003], 64)
    _, after = draw_problems([100_002, 100_003], 64)
    np.testing.assert_array_equal(alone.view, after.view)
    np.testing.assert_array_equal(alone.goal, after.goal)
    np.testing.assert_allclose(alone.state, after.state)
