"""The cross-entropy method over action sequences (section 3.2 of the paper)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
class CrossEntropyMethod:
    """Samples action sequences, keeps those of least energy, refits a Gaussian to them.

    ``momentum_*`` is the share of the old mean or std that a refinement keeps. ``include_mean``,
    which is not part of the paper's method, makes candidate 0 the current mean: so standing still
    competes in the first refinement, and a good mean is not lost among few samples.
    """

    samples: int
    refinements: int
    elites: int
    momentum_mean: float = 0.15
    momentum_std: float = 0.15
    momentum_mean_gripper: float = 0.15
    momentum_std_gripper: float = 0.15
    include_mean: bool = False

    def __post_init__(self) -> None:
        for name in ("samples", "refinements", "elites"):
            require(self, name, is_count(getattr(self, name)), "an integer of at least 1")
        # The unbiased std of a single elite does not exist.
        require(self, "elites", 2 <= self.elites <= self.samples, "from 2 to the sample count")
        for name in ("mean", "std", "mean_gripper", "std_gripper"):
            field = f"momentum_{name}"
            require(self, field, within(getattr(self, field), 0, 1), "in [0, 1)")

    @property
    def needed(self) -> int:
        """Fewer finite candidates than elites are a failure."""
        return self.elites

    def refine(
        self, problem: Problem[Any], first: Distribution, draws: Draws, /
    ) -> Iterator[Refined]:
        """See :meth:`Optimiser.refine`."""
        keep_mean = shares(self.momentum_mean, self.momentum_mean_gripper, problem.device)
        keep_std = shares(self.momentum_std, self.momentum_std_gripper, problem.device)
        distribution = first
        for _ in range(self.refinements):
            normal = draws.normal(self.samples, len(first.mean))
            if self.include_mean:
                normal[0] = 0.0
            candidates = distribution.candidates(problem, normal)
            energies = problem.energies(candidates)
            elites, elite_energies = elites_of(candidates, energies, self.elites)
            refitted = Distribution(elites.mean(dim=0), elites.std(dim=0))
            distribution = mixed(refitted, distribution, keep_mean, keep_std)
            yield Refined(
                distribution,
                distribution.mean,
                elite_energies,
                energies.isfinite().sum(),
                len(candidates),
            )
