"""iCEM: the cross-entropy method with the additions of Pinneri et al. (CoRL 2020)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from vjepa2_planner.coloured_noise import coloured
from vjepa2_planner.draws import Draws
from vjepa2_planner.optimiser import (
    Distribution,
    Refined,
    elites_of,
    is_count,
    mixed,
    require,
    shares,
    within,
)
from vjepa2_planner.problem import Problem


@dataclass(frozen=True, kw_only=True)
class ImprovedCrossEntropyMethod:
    """Coloured noise over the horizon, kept elites, ever fewer samples; the best one is the plan.

    ``noise_exponent``: spectral density falls as frequency to this power; 0 is white noise.
    ``kept``: share of the elites that compete again in the next refinement, at no cost, as their
    energies are known. ``decay``: each refinement has so many times fewer samples than the one
    before it. ``momentum``: share of the old mean and std that is kept. The mean is a candidate of
    the first refinement (standing still, or the warm start) and of the last. Shifting the mean
    from step to step is the warm start of :class:`PlanSettings`.
    """

    samples: int
    refinements: int
    elites: int
    noise_exponent: float = 2.0
    kept: float = 0.3
    decay: float = 1.25
    momentum: float = 0.1

    def __post_init__(self) -> None:
        for name in ("samples", "refinements", "elites"):
            require(self, name, is_count(getattr(self, name)), "an integer of at least 1")
        require(self, "elites", 2 <= self.elites <= self.samples, "from 2 to the sample count")
        require(self, "noise_exponent", within(self.noise_exponent, 0, 10), "in [0, 10)")
        require(self, "kept", within(self.kept, 0, 1.0001), "in [0, 1]")
        require(self, "decay", within(self.decay, 1, 10), "in [1, 10)")
        require(self, "momentum", within(self.momentum, 0, 1), "in [0, 1)")

    @property
    def needed(self) -> int:
        """Fewer finite candidates than elites are a failure."""
        return self.elites

    def count(self, refinement: int) -> int:
        """Samples of a refinement, counted from 0."""
        return max(int(self.samples * self.decay**-refinement), self.elites)

    def refine(
        self, problem: Problem[Any], first: Distribution, draws: Draws, /
    ) -> Iterator[Refined]:
        """See :meth:`Optimiser.refine`."""
        keep = shares(self.momentum, self.momentum, problem.device)
        kept = round(self.kept * self.elites)
        distribution, horizon = first, len(first.mean)
        elites, elite_energies = first.mean[None][:0], first.mean.new_zeros(0)
        for refinement in range(self.refinements):
            normal = coloured(draws.normal(self.count(refinement), horizon), self.noise_exponent)
            if refinement in (0, self.refinements - 1):
                normal[0] = 0.0
            fresh = distribution.candidates(problem, normal)
            candidates = torch.cat((fresh, elites[:kept]))
            energies = torch.cat((problem.energies(fresh), elite_energies[:kept]))
            elites, elite_energies = elites_of(candidates, energies, self.elites)
            refitted = Distribution(elites.mean(dim=0), elites.std(dim=0))
            distribution = mixed(refitted, distribution, keep, keep)
            yield Refined(
                distribution,
                elites[0],
                elite_energies,
                energies.isfinite().sum(),
                len(candidates),
            )
