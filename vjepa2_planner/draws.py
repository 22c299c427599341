"""Standard normal draws of candidates, a pure function of a seed."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.quasirandom import SobolEngine

ACTION_DIM = 7
FURTHEST = 1e-6
"""Uniform draws keep this far from 0 and 1, where the normal quantile is infinite."""


class Draws(Protocol):
    """A source of normal draws."""

    def normal(self, samples: int, horizon: int) -> Tensor:
        """The next draws [samples, horizon, 7] on the CPU; 0 in columns that are not planned."""
        ...


class RandomDraws:
    """Pseudo-random draws. On the CPU whatever the model's device: all plan from equal ones."""

    def __init__(self, seed: int, columns: Sequence[int]) -> None:
        self._generator = torch.Generator("cpu").manual_seed(seed)
        self._columns = list(columns)

    def normal(self, samples: int, horizon: int) -> Tensor:
        """See :meth:`Draws.normal`."""
        shape = (horizon, samples, len(self._columns))
        return _spread(torch.randn(shape, generator=self._generator), self._columns)


class LowDiscrepancyDraws:
    """A scrambled Sobol sequence through the normal quantile: fills the space more evenly."""

    def __init__(self, seed: int, columns: Sequence[int]) -> None:
        self._seed = seed
        self._columns = list(columns)
        self._engine: SobolEngine | None = None

    def normal(self, samples: int, horizon: int) -> Tensor:
        """See :meth:`Draws.normal`; every call must have the same horizon."""
        if self._engine is None:
            dimension = horizon * len(self._columns)
            self._engine = SobolEngine(dimension, scramble=True, seed=self._seed)
        uniform = self._engine.draw(samples).clamp(FURTHEST, 1.0 - FURTHEST)
        normal = torch.special.ndtri(uniform).unflatten(1, (horizon, -1))
        return _spread(normal.transpose(0, 1), self._columns)


class GivenDraws:
    """Recorded noise [refinements, H, S, columns], one refinement a call."""

    def __init__(self, noise: Tensor, columns: Sequence[int]) -> None:
        self._columns = list(columns)
        self._noise = torch.as_tensor(noise, dtype=torch.float32)
        if self._noise.ndim != 4 or self._noise.shape[-1] != len(self._columns):
            raise ValueError(
                f"noise must be [refinements, H, S, {len(self._columns)}], got "
                f"{list(self._noise.shape)}"
            )
        if not self._noise.isfinite().all():
            raise ValueError("noise must be finite")
        self._calls = 0

    def normal(self, samples: int, horizon: int) -> Tensor:
        """See :meth:`Draws.normal`; ValueError where the noise is of another shape."""
        refinements = len(self._noise)
        expected = (refinements, horizon, samples, len(self._columns))
        if self._calls == refinements or tuple(self._noise.shape) != expected:
            raise ValueError(
                f"noise must be {list(expected)} with one entry a refinement, got "
                f"{list(self._noise.shape)} at refinement {self._calls + 1}"
            )
        self._calls += 1
        return _spread(self._noise[self._calls - 1], self._columns)


def _spread(draw: Tensor, columns: list[int]) -> Tensor:
    """Draws [H, S, columns] as [S, H, 7]."""
    horizon, samples, _ = draw.shape
    normal = draw.new_zeros(samples, horizon, ACTION_DIM)
    normal[..., columns] = draw.transpose(0, 1)
    return normal
