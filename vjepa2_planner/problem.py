"""One planning problem, as an optimiser sees it."""

from typing import Generic

import torch
from torch import Tensor

from vjepa2_planner.constraints import Constraint
from vjepa2_planner.differentiable import Differentiable
from vjepa2_planner.world_model import Latent, WorldModel

GRADIENT_COST = 3
"""Evaluations that one with its gradient counts as: forward, and twice as much backward."""


class Problem(Generic[Latent]):
    """Energies of candidate action sequences from here to the goal; counts what was asked.

    context, states [T, 7], goal: see :meth:`WorldModel.energies`. ``repeat``: for how many steps
    each action is imagined to be repeated.
    """

    def __init__(
        self,
        world_model: WorldModel[Latent],
        context: Latent,
        states: Tensor,
        goal: Latent,
        constraint: Constraint,
        repeat: int = 1,
    ) -> None:
        self.world_model = world_model
        self.context = context
        self.states = states
        self.goal = goal
        self.constraint = constraint
        self.repeat = repeat
        self.evaluations = 0

    @property
    def device(self) -> torch.device:
        """Where candidates live."""
        return self.world_model.device

    def project(self, actions: Tensor) -> Tensor:
        """The nearest allowed actions."""
        return self.constraint.project(actions)

    def energies(self, actions: Tensor) -> Tensor:
        """Energy [S] of each candidate [S, H, 7]; +inf where it is not finite."""
        self.evaluations += len(actions)
        energies = self.world_model.energies(
            self.context, self.states, self.goal, self._repeated(actions)
        )
        return _finite_or_inf(energies, len(actions))

    def energies_with_gradients(self, actions: Tensor) -> tuple[Tensor, Tensor]:
        """The energies and their gradients [S, H, 7]; 0 where one of them is not finite.

        Raises TypeError for a world model that has none.
        """
        if not isinstance(self.world_model, Differentiable):
            raise TypeError(
                f"{type(self.world_model).__name__} gives no gradients: choose an optimiser that "
                "samples (cem, icem, mppi), or plan in the process of the world model"
            )
        self.evaluations += GRADIENT_COST * len(actions)
        energies, gradients = self.world_model.energies_with_gradients(
            self.context, self.states, self.goal, self._repeated(actions)
        )
        energies = _finite_or_inf(energies, len(actions))
        gradients = gradients.unflatten(1, (-1, self.repeat)).sum(dim=2)
        usable = energies.isfinite()[:, None, None] & gradients.isfinite()
        return energies, torch.where(usable, gradients, torch.zeros_like(gradients))

    def _repeated(self, actions: Tensor) -> Tensor:
        return actions.repeat_interleave(self.repeat, dim=1) if self.repeat > 1 else actions


def _finite_or_inf(energies: Tensor, candidates: int) -> Tensor:
    if tuple(energies.shape) != (candidates,):
        raise ValueError(
            f"the world model gave energies of shape {tuple(energies.shape)} for {candidates} "
            "candidates; it must give one each"
        )
    return torch.where(energies.isfinite(), energies, torch.inf).float()
