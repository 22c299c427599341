"""Few samples to find the valley, then gradients to its floor."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vjepa2_planner.draws import Draws
from vjepa2_planner.gradient_descent import GradientDescent
from vjepa2_planner.optimiser import Distribution, Refined, elites_of, is_count, require
from vjepa2_planner.problem import Problem


@dataclass(frozen=True, kw_only=True)
class Hybrid:
    """Draws ``samples`` once, then descends from the best ``descent.starts`` of them.

    The mean (standing still, or the warm start) is one of the samples.
    """

    samples: int
    descent: GradientDescent

    def __post_init__(self) -> None:
        require(self, "samples", is_count(self.samples), "an integer of at least 1")
        require(self, "samples", self.samples >= self.descent.starts, "at least descent.starts")

    @property
    def refinements(self) -> int:
        """The draw, then those of the descent."""
        return 1 + self.descent.refinements

    @property
    def needed(self) -> int:
        """One finite candidate is enough."""
        return 1

    def refine(
        self, problem: Problem[Any], first: Distribution, draws: Draws, /
    ) -> Iterator[Refined]:
        """See :meth:`Optimiser.refine`."""
        normal = draws.normal(self.samples, len(first.mean))
        normal[0] = 0.0
        candidates = first.candidates(problem, normal)
        energies = problem.energies(candidates)
        starts, start_energies = elites_of(candidates, energies, self.descent.starts)
        yield Refined(
            Distribution(starts[0], starts.std(dim=0, correction=0)),
            starts[0],
            start_energies,
            energies.isfinite().sum(),
            len(candidates),
        )
        yield from self.descent.descend(problem, first, starts)
