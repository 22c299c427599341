"""MPPI: model-predictive path integral control (Williams et al. 2017)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from vjepa2_planner.draws import Draws
from vjepa2_planner.optimiser import Distribution, Refined, elites_of, is_count, require, within
from vjepa2_planner.problem import Problem

RECORDED = 10  # energies of a refinement that the trace shows


@dataclass(frozen=True, kw_only=True)
class PathIntegral:
    """Moves the mean to the average of all candidates, weighted by exp(-energy / temperature).

    ``temperature``: as a share of the spread (std) of a refinement's finite energies, since the
    scale of energies belongs to a world model. ``std_decay``: what is left of the sampling std
    after a refinement. The mean is a candidate.
    """

    samples: int
    refinements: int
    temperature: float = 0.1
    std_decay: float = 0.6

    def __post_init__(self) -> None:
        for name in ("samples", "refinements"):
            require(self, name, is_count(getattr(self, name)), "an integer of at least 1")
        require(self, "samples", self.samples >= 2, "an integer of at least 2")
        positive = within(self.temperature, 1e-6, 1e6)
        require(self, "temperature", positive, "a positive number")
        require(self, "std_decay", within(self.std_decay, 0.01, 1.0001), "in [0.01, 1]")

    @property
    def needed(self) -> int:
        """A single finite candidate has a weighted average."""
        return 1

    def refine(
        self, problem: Problem[Any], first: Distribution, draws: Draws, /
    ) -> Iterator[Refined]:
        """See :meth:`Optimiser.refine`."""
        distribution = first
        for _ in range(self.refinements):
            normal = draws.normal(self.samples, len(first.mean))
            normal[0] = 0.0
            candidates = distribution.candidates(problem, normal)
            energies = problem.energies(candidates)
            weights = self._weights(energies)
            mean = (weights[:, None, None] * candidates).sum(dim=0)
            distribution = Distribution(mean, distribution.std * self.std_decay)
            best = elites_of(candidates, energies, min(RECORDED, self.samples))[1]
            yield Refined(distribution, mean, best, energies.isfinite().sum(), len(candidates))

    def _weights(self, energies: torch.Tensor) -> torch.Tensor:
        """Shares [S] that sum to 1; 0 where the energy is not finite."""
        finite = energies.isfinite()
        count = finite.sum().clamp(min=1)
        mean = energies.masked_fill(~finite, 0.0).sum() / count
        deviation = (energies - mean).masked_fill(~finite, 0.0)
        spread = (deviation.square().sum() / count).sqrt().clamp(min=1e-12)
        scores = (-deviation / (self.temperature * spread)).masked_fill(~finite, -torch.inf)
        return torch.softmax(scores, dim=0)
