"""A world model of hands: its latents are their states, and what it imagines is what happens."""

import torch
from torch import Tensor

FINGERS = 0.02
"""Energy of fingers that are wrong by all their range."""


class Hands:
    """Energy: metres between two hands, and what their fingers differ by."""

    device = torch.device("cpu")

    def __init__(self, sign: float = 1.0) -> None:
        """sign: -1 for a model that imagines of fingers the opposite of what they do."""
        self.sign = sign
        self.asked = 0

    def encode(self, frames: Tensor, /) -> Tensor:
        """The frames are states."""
        return frames

    def energies(
        self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor, /
    ) -> Tensor:
        """See `WorldModel`."""
        self.asked += len(actions)
        moved = actions.sum(dim=1)
        moved[:, 6] *= self.sign
        return _between(context[-1:] + moved, goal)

    def distance(self, latent: Tensor, goal: Tensor, /) -> float:
        """See `WorldModel`."""
        return float(_between(latent[-1:], goal)[0])


def hand(closedness: float, x: float = 0.5, z: float = 0.2) -> Tensor:
    """A latent of it [1, 7]."""
    return torch.tensor([[x, 0.0, z, torch.pi, 0.0, 0.0, closedness]])


def _between(hands: Tensor, goal: Tensor) -> Tensor:
    apart = torch.linalg.vector_norm(hands[:, :3] - goal[:, :3], dim=1)
    return apart + FINGERS * (hands[:, 6] - goal[:, 6]).abs()
