"""What the fingers do between two goals whose pictures differ by the fingers alone."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from vjepa2_planner.constraints import GRIPPER
from vjepa2_planner.world_model import Latent, WorldModel

CHANGES = (0.25, 0.35, 0.5, 0.75)
"""Of closedness, in each direction."""
HALFWAY = 0.2
"""Closedness between that of an open hand and of one that holds something."""


def fingers_between(
    world_model: WorldModel[Latent], former: Latent, goal: Latent, state: Tensor
) -> float:
    """Whether the fingers close (> 0) or open (< 0) from one goal to the next, and how clearly.

    The logarithm of the energies' ratio: of opening over closing, imagined from one picture to
    the other and back, as a calibration infers the action between two (paper, B.4). NaN where
    they are not finite. Not part of the paper's method.

    state: float32 [7] of the arm at the former goal.
    """
    # How far the fingers are closed in the goal is not known.
    there = torch.cat([state[:GRIPPER], state.new_tensor([HALFWAY])])

    def energy(direction: float) -> float:
        forth = _mean_energy(world_model, former, state, goal, direction)
        return forth + _mean_energy(world_model, goal, there, former, -direction)

    opened, closed = energy(-1.0), energy(1.0)
    if not (math.isfinite(opened) and math.isfinite(closed) and min(opened, closed) > 0.0):
        return math.nan
    return math.log(opened / closed)


def _mean_energy(
    world_model: WorldModel[Latent], context: Latent, state: Tensor, goal: Latent, direction: float
) -> float:
    actions = torch.zeros(len(CHANGES), 1, 7)
    actions[:, 0, GRIPPER] = direction * torch.tensor(CHANGES)
    energies = world_model.energies(context, state[None], goal, actions.to(world_model.device))
    return float(energies.mean())
