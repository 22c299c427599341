"""Projected gradient descent through the predictor, from several starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vjepa2_planner.draws import Draws
from vjepa2_planner.optimiser import Distribution, Refined, is_count, require, within
from vjepa2_planner.problem import Problem


@dataclass(frozen=True, kw_only=True)
class GradientDescent:
    """Descends the energy from ``starts`` candidates at once; needs a `Differentiable` model.

    The first start is the mean (standing still, or the warm start), the others are draws. A step
    goes down the gradient from the best point that a start has found, ``step`` long at first,
    in standard deviations of the first distribution; one that finds nothing better is repeated
    ``shrink`` times as long. Each point is projected on the constraint.
    """

    starts: int
    refinements: int
    step: float = 0.7
    shrink: float = 0.5

    def __post_init__(self) -> None:
        for name in ("starts", "refinements"):
            require(self, name, is_count(getattr(self, name)), "an integer of at least 1")
        require(self, "step", within(self.step, 1e-6, 100), "in [1e-6, 100)")
        require(self, "shrink", within(self.shrink, 0.01, 1), "in [0.01, 1)")

    @property
    def needed(self) -> int:
        """One finite start is enough."""
        return 1

    def refine(
        self, problem: Problem[Any], first: Distribution, draws: Draws, /
    ) -> Iterator[Refined]:
        """See :meth:`Optimiser.refine`."""
        normal = draws.normal(self.starts, len(first.mean))
        normal[0] = 0.0
        yield from self.descend(problem, first, first.candidates(problem, normal))

    def descend(
        self, problem: Problem[Any], first: Distribution, points: Tensor
    ) -> Iterator[Refined]:
        """Descend from ``points`` [S, H, 7], which are allowed."""
        best, directions = points, torch.zeros_like(points)
        best_energies = points.new_full((len(points),), torch.inf)
        length = points.new_full((len(points), 1, 1), self.step / self.shrink)
        for _ in range(self.refinements):
            energies, gradients = problem.energies_with_gradients(points)
            better = energies < best_energies
            found = better[:, None, None]
            best = torch.where(found, points, best)
            best_energies = torch.where(better, energies, best_energies)
            directions = torch.where(found, _downhill(gradients, first.std), directions)
            length = torch.where(found & (length < self.step), length, length * self.shrink)
            order = best_energies.argsort()
            spread = best.std(dim=0, correction=0)
            yield Refined(
                Distribution(best[order[0]], spread),
                best[order[0]],
                best_energies[order],
                best_energies.isfinite().sum(),
                len(points),
            )
            points = problem.project(best + length * directions)


def _downhill(gradients: Tensor, std: Tensor) -> Tensor:
    """Steepest descent [S, H, 7] in units of ``std``, one of them long."""
    scaled = gradients * std
    size = torch.linalg.vector_norm(scaled, dim=(1, 2), keepdim=True)
    downhill: Tensor = -std * scaled / size.clamp(min=1e-12)
    return downhill
