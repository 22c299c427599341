"""The world model as one pursuit uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from vjepa2_planner import Outcome, PursuitFailure
from vjepa2_world_model.access import WorldModelAccess
from vjepa2_world_model.latents import LatentId


class PursuitModel:
    """A `vjepa2_planner.WorldModel` whose every call first asks whether the pursuit goes on.

    So a plan of many refinements ends soon after a cancellation.
    """

    def __init__(self, access: WorldModelAccess, cancelled: Callable[[], bool]) -> None:
        self._access = access
        self._cancelled = cancelled

    @property
    def device(self) -> torch.device:
        """Where states and actions are expected."""
        return self._access.device

    def encode(self, frames: NDArray[Any], /) -> LatentId:
        """Never called: the world model node sees the camera itself."""
        raise TypeError("a pursuit looks through its observer")

    def energies(
        self, context: LatentId, states: Tensor, goal: LatentId, actions: Tensor, /
    ) -> Tensor:
        """Energies [S] of candidates [S, H, 7]."""
        self._check_cancelled()
        return self._access.energies(context, states, goal, actions)

    def energies_with_gradients(
        self, context: LatentId, states: Tensor, goal: LatentId, actions: Tensor, /
    ) -> tuple[Tensor, Tensor]:
        """Energies [S] of candidates [S, H, 7], and their gradients [S, H, 7]."""
        self._check_cancelled()
        return self._access.energies_with_gradients(context, states, goal, actions)

    def distance(self, latent: LatentId, goal: LatentId, /) -> float:
        """Energy between a view and the goal as they are."""
        return self._access.distance(latent, goal)

    def _check_cancelled(self) -> None:
        if self._cancelled():
            raise PursuitFailure(Outcome.CANCELLED, "cancelled while planning")
