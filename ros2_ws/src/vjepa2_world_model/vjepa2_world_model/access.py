"""What the planner's side asks of the world model, in the same process or on another host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from vjepa2_msgs.msg import Goal, WorldModelCode
from vjepa2_planner import Outcome, PursuitFailure
from vjepa2_world_model.latents import LatentId


class WorldModelError(PursuitFailure):
    """A call of the world model failed; ends a pursuit where it is not caught.

    code: one of WorldModelCode; None where no answer came.
    """

    def __init__(self, code: int | None, message: str) -> None:
        silent = code == WorldModelCode.NO_IMAGE
        super().__init__(
            Outcome.CAMERA_SILENT if silent else Outcome.WORLD_MODEL_LOST, message, code
        )


@dataclass(frozen=True)
class EncodedView:
    """The latent of one live view. Stamps are seconds of the ROS clock."""

    latent: LatentId
    stamp: float  # of capture [s]
    energy: float  # between the view and the goal; NaN without a goal
    waiting_seconds: float  # until the view was there
    encoding_seconds: float  # from then to the latent and its energy


class WorldModelAccess(Protocol):
    """Encodes and scores by latent id; a planner's `WorldModel[LatentId]` but for `encode`.

    All calls block, so use it from worker threads; all raise :class:`WorldModelError`.
    """

    @property
    def device(self) -> torch.device:
        """Where states and actions given to :meth:`energies` live: the CPU."""
        ...

    def encode_goal(self, goal: Goal, /) -> LatentId:
        """The latent of a goal; it must be of the live view's size."""
        ...

    def view(self, goal: LatentId | None, after: float, timeout: float, /) -> EncodedView:
        """The latent of a live view captured later than `after` [s, ROS clock].

        Waits for it up to `timeout` [s], at most 30.
        """
        ...

    def energies(
        self, context: LatentId, states: Tensor, goal: LatentId, actions: Tensor, /
    ) -> Tensor:
        """Energies float32 [S] of candidates float32 [S,H,7]; +inf where not finite.

        states: float32 [T,7], one per frame of `context`. See `vjepa2_planner.WorldModel`.
        """
        ...

    def energies_with_gradients(
        self, context: LatentId, states: Tensor, goal: LatentId, actions: Tensor, /
    ) -> tuple[Tensor, Tensor]:
        """The energies [S] and their gradients float32 [S,H,7] by the candidates [S,H,7].

        See `vjepa2_planner.Differentiable`; BAD_REQUEST from a model that has none.
        """
        ...

    def distance(self, latent: LatentId, goal: LatentId, /) -> float:
        """Energy between two latents, without any prediction."""
        ...
