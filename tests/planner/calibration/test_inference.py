"""Moves are read off a world model's energies; the exact one gives back what was executed."""

from typing import Any

import numpy as np
import pytest
import torch

from vjepa2_planner.calibration import Grid, Pair, infer_moves

STATE = np.array([0.5, 0.0, 0.3, np.pi - 0.02, 0.0, 0.0, 0.0])


def pair(dx: float, dy: float) -> Pair:
    """States in place of pictures, as the analytic world model looks at them."""
    after = STATE + np.array([dx, dy, 0, 0, 0, 0, 0])
    return Pair(STATE, after, STATE, np.array([dx, dy]))


def test_an_exact_model_gives_back_the_moves(make_world_model: Any) -> None:
    """To the resolution of the grid, with fewer than 130 evaluations a pair."""
    pairs = [pair(0.04, -0.03), pair(-0.021, 0.05), pair(0.0, 0.0)]
    world_model = make_world_model()
    inferred, executed = infer_moves(world_model, pairs, Grid(resolution=0.004)).arrays()
    assert inferred == pytest.approx(executed, abs=0.004)
    assert world_model.calls == 4 * len(pairs)


def test_a_pair_without_a_finite_energy_is_left_out_and_counted(make_world_model: Any) -> None:
    """NaN everywhere for one pair, and here and there for another, which stays."""
    blind = make_world_model(blind_beyond=0.52)
    gone = Pair(np.full(7, np.nan), STATE, STATE, np.zeros(2))
    lost = Pair(STATE, STATE, np.full(7, np.nan), np.zeros(2))
    far = Pair(STATE, STATE, STATE + np.array([1, 0, 0, 0, 0, 0, 0]), np.zeros(2))
    moves = infer_moves(blind, [pair(-0.03, 0.02), gone, lost, far], Grid())
    assert moves.left_out == 2
    assert moves.inferred[0] == pytest.approx([-0.03, 0.02], abs=0.004)


def test_infinite_energies_never_win(make_world_model: Any) -> None:
    """Minus infinity is no minimum."""
    model = make_world_model(blind_beyond=0.52, blind_energy=-torch.inf)
    moves = infer_moves(model, [pair(-0.03, 0.02)])
    assert moves.inferred[0] == pytest.approx([-0.03, 0.02], abs=0.004)
