"""The simulator as a world model: states in, distance out, nothing rendered.

With it the planner's own faults show apart from the model's.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vjepa2_poses import apply_action
from vjepa2_sim.action_gradients import with_gradients


class SimulatorWorldModel:
    """A `vjepa2_planner.WorldModel` whose latent is the arm's state [T,7] itself."""

    device = torch.device("cpu")

    def encode(self, frames: NDArray[np.float64], /) -> Tensor:
        """The "frames" are states [T,7]: see `StateCamera`."""
        return torch.as_tensor(frames, dtype=torch.float32)

    def energies(
        self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor, /
    ) -> Tensor:
        """Distance [S] in metres of the end effector from the goal after actions [S,H,7]."""
        ends = context[-1:].expand(len(actions), -1)
        for action in actions.unbind(1):
            ends = apply_action(ends, action)
        distances: Tensor = torch.linalg.vector_norm(ends[:, :3] - goal[:, :3], dim=1)
        return distances

    def energies_with_gradients(
        self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor, /
    ) -> tuple[Tensor, Tensor]:
        """The energies [S] and their gradients [S,H,7] by the actions."""
        return with_gradients(lambda moved: self.energies(context, states, goal, moved), actions)

    def distance(self, latent: Tensor, goal: Tensor, /) -> float:
        """Distance in metres between the last state and the goal."""
        return float(torch.linalg.vector_norm(latent[-1, :3] - goal[-1, :3]))
