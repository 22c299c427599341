"""Feature spread and rank correlations."""

import numpy as np
import pytest
import torch

from vjepa2_data import Clip
from vjepa2_models.dimensions import Dimensions, EncoderDimensions
from vjepa2_models.encoder import Encoder
from vjepa2_models.training.pretraining.probe import (
    distance_correlations,
    feature_spread,
    pairwise_energies,
    rank_correlation,
)

TINY = Dimensions(EncoderDimensions(24, 1, 2), img_size=16, patch_size=8, crop="square")


def test_spread_is_zero_where_clips_look_alike() -> None:
    """Features that tell only positions apart have none; independent ones have about 1."""
    positions = torch.randn(1, 5, 24).expand(64, -1, -1)
    assert float(feature_spread(positions)) == pytest.approx(0.0, abs=1e-6)
    assert float(feature_spread(torch.randn(64, 5, 24))) == pytest.approx(1.0, abs=0.1)


def test_energies_between_pairs() -> None:
    """The mean absolute difference, as the planner has it."""
    features = torch.randn(4, 3, 8)
    expected = (features[1] - features[3]).abs().mean()
    torch.testing.assert_close(pairwise_energies(features)[1, 3], expected)


def test_rank_correlation_within_a_range() -> None:
    """1 for any rising function, NaN where there is nothing to rank."""
    distances = np.linspace(0, 0.4, 20)
    assert rank_correlation(distances**3, distances, 0.1, 0.4) == pytest.approx(1.0)
    assert rank_correlation(-distances, distances, 0.0, 0.1) == pytest.approx(-1.0)
    assert np.isnan(rank_correlation(np.ones(20), distances, 0.0, 0.4))
    assert np.isnan(rank_correlation(distances, distances, 0.5, 0.6))


def test_correlations_of_an_encoder() -> None:
    """A spot that moves away by the distance in the states is ranked well; none, not at all."""
    torch.manual_seed(0)
    frames = np.zeros((8, 16, 16, 3), dtype=np.uint8)
    states = np.zeros((8, 7), dtype=np.float32)
    for step in range(8):
        frames[step, :, : 2 * step] = 255
        states[step, 0] = 0.05 * step
    clip = Clip(frames, states, None, "spot")
    assert distance_correlations(Encoder(TINY), [clip])["far"] > 0.5
    still = Clip(frames[:1].repeat(8, axis=0), np.zeros_like(states), None, "still")
    assert distance_correlations(Encoder(TINY), [still]) == {}
