"""The protocol of an optimiser of action sequences, and what all of them share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from vjepa2_planner.draws import Draws
from vjepa2_planner.problem import Problem


@dataclass(frozen=True, eq=False)
class Distribution:
    """A diagonal Gaussian over action sequences: mean and std, [H, 7] each."""

    mean: Tensor
    std: Tensor

    def candidates(self, problem: Problem[Any], normal: Tensor) -> Tensor:
        """Allowed candidates [S, H, 7] from standard normal draws [S, H, 7] on the CPU."""
        return problem.project(_uploaded(normal, problem.device) * self.std + self.mean)


@dataclass(frozen=True, eq=False)
class Refined:
    """Where an optimiser stands after a refinement; tensors stay on the model's device.

    Nothing here waits for a GPU: numbers are read once, when the plan is complete.
    """

    distribution: Distribution  # that the next refinement would draw from
    actions: Tensor  # [H, 7] the plan, if this were the last refinement
    elite_energies: Tensor  # [E] ascending
    finite: Tensor  # [] candidates with a finite energy
    candidates: int


def _uploaded(draw: Tensor, device: torch.device) -> Tensor:
    """On the device; from pinned memory a GPU fetches it without anybody waiting."""
    if device.type != "cuda":
        return draw.to(device)
    return draw.pin_memory().to(device, non_blocking=True)


class Optimiser(Protocol):
    """Refines a distribution over action sequences; its settings are its only state."""

    @property
    def refinements(self) -> int:
        """How many there are at most."""
        ...

    @property
    def needed(self) -> int:
        """How many candidates of a refinement must have a finite energy."""
        ...

    def refine(
        self, problem: Problem[Any], first: Distribution, draws: Draws, /
    ) -> Iterator[Refined]:
        """Yield after each refinement; the caller may stop asking at any time."""
        ...


def elites_of(candidates: Tensor, energies: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The ``count`` candidates of least energy [E, H, 7], best first, and their energies [E]."""
    best = energies.topk(count, largest=False)
    return candidates[best.indices], best.values


def require(record: object, name: str, satisfied: bool, remedy: str) -> None:
    """Raise ValueError that names a setting of ``record`` and what it must be."""
    if not satisfied:
        raise ValueError(
            f"{type(record).__name__}.{name} must be {remedy}, got {getattr(record, name)!r}"
        )


def is_count(value: object) -> bool:
    """Whether it is a whole number of at least 1; True is none."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def within(value: object, lowest: float, below: float) -> bool:
    """Whether it is a number in [lowest, below); NaN is in no interval."""
    return isinstance(value, int | float) and lowest <= value < below


def mixed(
    new: Distribution, old: Distribution, keep_mean: Tensor, keep_std: Tensor
) -> Distribution:
    """``new``, with these shares [7] of the old mean and std kept."""
    return Distribution(
        new.mean * (1.0 - keep_mean) + old.mean * keep_mean,
        new.std * (1.0 - keep_std) + old.std * keep_std,
    )


def shares(translation: float, gripper: float, device: torch.device) -> Tensor:
    """[7]: one share for translation and rotation, another for the gripper."""
    values = torch.full((7,), translation, device=device)
    values[6] = gripper
    return values
