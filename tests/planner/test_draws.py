"""Draws: standard normal, a function of the seed, only in the planned columns."""

import numpy as np
import pytest
import torch
from scipy.stats import kstest, qmc
from torch import Tensor

from vjepa2_planner.coloured_noise import coloured
from vjepa2_planner.draws import Draws, GivenDraws, LowDiscrepancyDraws, RandomDraws

COLUMNS = (0, 1, 2, 6)
KINDS = [RandomDraws, LowDiscrepancyDraws]


@pytest.mark.parametrize("kind", KINDS)
def test_normal_in_the_planned_columns(kind: type[RandomDraws | LowDiscrepancyDraws]) -> None:
    """Kolmogorov and Smirnov find nothing odd; the other columns are 0."""
    normal = kind(3, COLUMNS).normal(2048, 2)
    assert normal.shape == (2048, 2, 7)
    assert not normal[..., 3:6].any()
    for column in COLUMNS:
        assert kstest(normal[:, 1, column].numpy(), "norm").pvalue > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_fixes_every_call(kind: type[RandomDraws | LowDiscrepancyDraws]) -> None:
    """The same seed gives the same calls, and no call repeats the one before it."""

    def calls(seed: int) -> list[Tensor]:
        draws = kind(seed, COLUMNS)
        return [draws.normal(32, 1), draws.normal(32, 1)]

    one, again, other = calls(1), calls(1), calls(2)
    assert all(torch.equal(a, b) for a, b in zip(one, again, strict=True))
    assert not torch.equal(one[0], one[1])
    assert not torch.equal(one[0], other[0])


def test_low_discrepancy_fills_the_space_more_evenly() -> None:
    """The centred discrepancy of 32 points is lower than that of random ones, on average."""

    def discrepancy(draws: Draws) -> float:
        normal = draws.normal(32, 1)[:, 0, :3]
        return float(qmc.discrepancy(torch.special.ndtr(normal).numpy()))

    seeds = range(20)
    even = np.mean([discrepancy(LowDiscrepancyDraws(seed, COLUMNS)) for seed in seeds])
    random = np.mean([discrepancy(RandomDraws(seed, COLUMNS)) for seed in seeds])
    assert even < 0.5 * random


def test_given_draws_come_back_in_order() -> None:
    """One entry a refinement; one too many, or another shape, is an error."""
    noise = torch.randn(2, 3, 5, 4, generator=torch.Generator().manual_seed(0))
    draws = GivenDraws(noise, COLUMNS)
    for entry in noise:
        assert torch.equal(draws.normal(5, 3)[..., list(COLUMNS)], entry.transpose(0, 1))
    with pytest.raises(ValueError, match="noise must be"):
        draws.normal(5, 3)
    with pytest.raises(ValueError, match="noise must be"):
        GivenDraws(noise, (0, 1, 2))


@pytest.mark.parametrize("horizon", [2, 3, 8])
@pytest.mark.parametrize("exponent", [1.0, 2.0, 3.0])
def test_coloured_noise_keeps_the_variance_and_correlates(horizon: int, exponent: float) -> None:
    """Unit variance at every step; neighbours agree in sign more often than not."""
    white = RandomDraws(0, range(7)).normal(20_000, horizon)
    noise = coloured(white, exponent)
    torch.testing.assert_close(noise.std(dim=0), torch.ones(horizon, 7), atol=0.05, rtol=0)
    assert (noise[:, 0] * noise[:, 1]).mean() > 0.05


def test_white_noise_and_a_single_step_are_left_alone() -> None:
    """Exponent 0, or no horizon to correlate over."""
    white = RandomDraws(0, COLUMNS).normal(8, 4)
    assert torch.equal(coloured(white, 0.0), white)
    assert torch.equal(coloured(white[:, :1], 2.0), white[:, :1])
