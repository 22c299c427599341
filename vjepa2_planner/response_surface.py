"""Response surface: few samples, a quadratic fitted to the best, samples about its minimum."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vjepa2_planner.draws import Draws
from vjepa2_planner.gradient_descent import GradientDescent
from vjepa2_planner.optimiser import (
    Distribution,
    Refined,
    elites_of,
    is_count,
    require,
    within,
)
from vjepa2_planner.problem import Problem

RIDGE = 1e-3
"""Keeps the fit in bounds where there are fewer candidates than coefficients."""
DESCENTS = 40
"""Steps down the surface; they cost next to nothing beside one imagined candidate."""


@dataclass(frozen=True, kw_only=True)
class ResponseSurface:
    """Every candidate's energy is known and none is forgotten: a model of them says where to look.

    The classical method of Box and Wilson (1951), for a step's few numbers. ``first_samples`` are
    drawn from the first distribution, then ``samples``, and in each later refinement ``decay``
    times fewer, about the minimum of a quadratic that is fitted to the ``fitted`` best candidates
    so far; it is looked for in the box that the ``elites`` best span and half its size around.
    The deviation is that of the elites, and shrinks at most to the share ``narrowing`` in a
    refinement. The last refinements are those of ``descent``, if given: down the world model's own
    gradient from the best candidates. The best candidate is the plan.
    """

    first_samples: int
    samples: int
    refinements: int
    elites: int
    decay: float = 1.2
    fitted: int = 32
    narrowing: float = 0.3
    descent: GradientDescent | None = None

    def __post_init__(self) -> None:
        for name in ("first_samples", "samples", "refinements", "elites"):
            require(self, name, is_count(getattr(self, name)), "an integer of at least 1")
        few = 2 <= self.elites <= self.first_samples
        require(self, "elites", few, "from 2 to the first sample count")
        enough = is_count(self.fitted) and self.fitted >= self.elites
        require(self, "fitted", enough, "an integer of at least the elites")
        require(self, "decay", within(self.decay, 1, 10), "in [1, 10)")
        require(self, "narrowing", within(self.narrowing, 0.01, 1.0001), "in [0.01, 1]")
        if self.descent:
            few = self.descent.starts <= self.first_samples
            require(self, "descent", few, "of no more starts than first samples")
            late = self.descent.refinements < self.refinements
            require(self, "descent", late, "of fewer refinements than there are")

    @property
    def needed(self) -> int:
        """One finite candidate is enough."""
        return 1

    def count(self, refinement: int) -> int:
        """Samples of a refinement, counted from 0."""
        if not refinement:
            return self.first_samples
        return max(int(self.samples * self.decay ** (1 - refinement)), 1)

    def refine(
        self, problem: Problem[Any], first: Distribution, draws: Draws, /
    ) -> Iterator[Refined]:
        """See :meth:`Optimiser.refine`."""
        known, energies = first.mean[None][:0], first.mean.new_zeros(0)
        distribution = first
        last = self.descent.refinements if self.descent else 0
        for refinement in range(self.refinements - last):
            normal = draws.normal(self.count(refinement), len(first.mean))
            normal[0] = 0.0
            fresh = distribution.candidates(problem, normal)
            found = problem.energies(fresh)
            known, energies = torch.cat((known, fresh)), torch.cat((energies, found))
            elites, elite_energies = elites_of(known, energies, self.elites)
            std = torch.maximum(elites.std(dim=0), self.narrowing * distribution.std)
            distribution = Distribution(self._minimum(problem, known, energies, first.std), std)
            finite = energies.isfinite().sum()
            yield Refined(distribution, elites[0], elite_energies, finite, len(known))
        if self.descent:
            starts, _ = elites_of(known, energies, self.descent.starts)
            yield from self.descent.descend(problem, first, starts)

    def _minimum(
        self, problem: Problem[Any], known: Tensor, energies: Tensor, scale: Tensor
    ) -> Tensor:
        """Where [H, 7] the surface of the best candidates is lowest, near the very best."""
        best, best_energies = elites_of(known, energies, min(self.fitted, len(known)))
        points = ((best - best[0]) / scale.clamp(min=1e-9)).flatten(1)
        spread = points.std(dim=0) + 1e-6
        points = points / spread
        slope, curvature = fitted_quadratic(points, best_energies)
        elites = points[: self.elites]
        lower, upper = elites.amin(dim=0), elites.amax(dim=0)
        around = 0.5 * (upper - lower)
        lowest = descended(slope, curvature, elites, lower - around, upper + around)
        return problem.project((lowest * spread).unflatten(0, scale.shape) * scale + best[0])


def fitted_quadratic(points: Tensor, energies: Tensor) -> tuple[Tensor, Tensor]:
    """Slope [D] and curvature [D, D] of a quadratic through points [S, D], best first.

    Weighted by rank, so that it fits best where energies are low; what is not finite counts
    nothing. Ridge regression in float64; nothing here waits for a GPU.
    """
    count, dim = points.shape
    rows, columns = torch.triu_indices(dim, dim, device=points.device)
    x = points.double()
    terms = torch.cat((x.new_ones(count, 1), x, x[:, rows] * x[:, columns]), dim=1)
    finite = energies.isfinite()
    target = torch.where(finite, energies - energies[0], 0.0).double()
    rank = torch.arange(count, device=x.device)
    weight = finite * torch.exp(-2.0 * rank / count) / count
    ridge = RIDGE * torch.eye(terms.shape[1], device=x.device, dtype=x.dtype)
    weighted = terms.T * weight
    solved, _ = torch.linalg.solve_ex(weighted @ terms + ridge, weighted @ target)
    curvature = x.new_zeros(dim, dim)
    curvature[rows, columns] = solved[1 + dim :]
    return solved[1 : 1 + dim].float(), (curvature + curvature.T).float()


def descended(
    slope: Tensor, curvature: Tensor, starts: Tensor, lower: Tensor, upper: Tensor
) -> Tensor:
    """The lowest point [D] of a quadratic that projected descents from starts [E, D] find."""
    points = starts
    rate = 1.0 / curvature.abs().sum(dim=1).amax().clamp(min=1e-9)
    for _ in range(DESCENTS):
        points = (points - rate * (slope + points @ curvature)).clamp(min=lower, max=upper)
    heights = points @ slope + 0.5 * ((points @ curvature) * points).sum(dim=1)
    return points[heights.argmin()]
