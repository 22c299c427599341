"""What a planner returns, and the protocol of a planner."""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from vjepa2_planner.gripper_direction import Stroke
from vjepa2_planner.world_model import Latent, WorldModel


@dataclass(frozen=True, eq=False)
class Refinement:
    """One refinement of the sampling distribution."""

    mean: Tensor  # [H, 7] on the CPU, after the update
    std: Tensor  # [H, 7] on the CPU, after the update
    elite_energies: tuple[float, ...]  # ascending
    finite: int  # candidates with a finite energy
    evaluations: int  # of the predictor since the plan began; with a gradient it counts as three
    seconds: float  # on a GPU without a time budget: until the work was handed to it

    @property
    def best_energy(self) -> float:
        """The least of this refinement."""
        return self.elite_energies[0]


@dataclass(frozen=True, eq=False)
class Plan:
    """An action sequence and how it was found."""

    actions: Tensor  # [H, 7] float32 on the CPU
    energy: float  # of ``actions``
    hold_energy: float  # of standing still for as long; +inf where it was not finite
    trace: tuple[Refinement, ...]
    seconds: float
    seed: int | None  # replays this plan bit for bit; None where the noise was given
    evaluations: int  # of the predictor; one with its gradient counts as three
    complete: bool  # False: ended before the last refinement; this is the best so far
    first_mean: Tensor  # [H, 7] on the CPU that it started from
    strokes: tuple[Stroke, ...] = ()  # of the gripper, where directions were judged


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
        warm: Tensor | None = None,
        at_most: int | None = None,
    ) -> Plan:
        """A plan from the last of ``states`` [T, 7], or :class:`PlanningFailure`.

        warm: actions [H, 7] that a planner with a warm start begins with; see `shifted`.
        at_most: refinements after which to end, as a plan that was cut short did.
        """
        ...
