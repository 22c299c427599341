"""What the planner asks of a world model."""

from typing import Any, Protocol, TypeVar

import torch
from numpy.typing import NDArray
from torch import Tensor

Latent = TypeVar("Latent")


class WorldModel(Protocol[Latent]):
    """Encodes views and scores action sequences against a goal; ``Latent`` is opaque here.

    It may be a tensor, an id on another host, or the state of a simulator.
    """

    @property
    def device(self) -> torch.device:
        """Where the states and actions given to :meth:`energies` live."""
        ...

    def encode(self, frames: NDArray[Any], /) -> Latent:
        """The latent of T >= 1 camera frames, uint8 RGB [T, H, W, 3], oldest first."""
        ...

    def energies(
        self, context: Latent, states: Tensor, goal: Latent, actions: Tensor, /
    ) -> Tensor:
        """Distance [S] between the last predicted frame and the goal (section 3.2).

        ``states`` float32 [T, 7], one per context frame; ``actions`` float32 [S, H, 7], S
        candidate sequences from the last context frame on; ``goal`` the latent of one frame.
        """
        ...

    def distance(self, latent: Latent, goal: Latent, /) -> float:
        """Energy between the last frame of ``latent`` and the goal, without any prediction."""
        ...
