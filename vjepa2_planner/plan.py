"""What a planner returns, and the protocol of a planner."""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from vjepa2_planner.world_model import Latent, WorldModel


@dataclass(frozen=True, eq=False)
class Refinement:
    """One refinement of the sampling distribution."""

    mean: Tensor  # [H, 7] on the CPU, after the update
    std: Tensor  # [H, 7] on the CPU, after the update
    best_energy: float
    elite_energies: tuple[float, ...]  # ascending
    finite: int  # candidates with a finite energy
    seconds: float


@dataclass(frozen=True, eq=False)
class Plan:
    """An action sequence and how it was found."""

    actions: Tensor  # [H, 7] float32 on the CPU
    energy: float  # of ``actions``
    hold_energy: float  # of standing still for as long; +inf where it was not finite
    trace: tuple[Refinement, ...]
    seconds: float
    seed: int | None  # replays this plan bit for bit; None where the noise was given


class Planner(Protocol):
    """Finds the actions that lead from the context to the goal."""

    def plan(
        self,
        world_model: WorldModel[Latent],
        context: Latent,
        states: Tensor,
        goal: Latent,
        *,
        seed: int | None = None,
    ) -> Plan:
        """A plan from the last of ``states`` [T, 7], or :class:`PlanningFailure`."""
        ...
