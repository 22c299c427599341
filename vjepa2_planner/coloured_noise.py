"""Noise that is correlated over the horizon, as iCEM draws it."""

import torch
from torch import Tensor

PERIODS = 4
"""The lowest frequency has a period of so many horizons: the horizon is a cut-out, not a cycle."""


def coloured(white: Tensor, exponent: float) -> Tensor:
    """White normal draws [S, H, 7] as noise whose density falls as frequency**``exponent``.

    Each number keeps the variance 1. One of a single step, and exponent 0, are left alone.
    """
    horizon = white.shape[1]
    if horizon == 1 or exponent == 0:
        return white
    colour: Tensor = torch.linalg.cholesky(covariance(horizon, exponent))
    return torch.einsum("ij,sjk->sik", colour.to(white), white)


def covariance(horizon: int, exponent: float) -> Tensor:
    """Covariance [H, H] float64 of H neighbouring steps, 1 on the diagonal."""
    frequencies = torch.arange(1, PERIODS * horizon // 2 + 1, dtype=torch.float64)
    frequencies /= PERIODS * horizon
    power = frequencies**-exponent
    power[-1] /= 2  # the highest frequency has no partner
    steps = torch.arange(horizon, dtype=torch.float64)
    apart = steps[:, None] - steps[None, :]
    waves = torch.cos(2 * torch.pi * apart[..., None] * frequencies)
    correlation: Tensor = (waves * power).sum(dim=-1) / power.sum()
    return correlation
