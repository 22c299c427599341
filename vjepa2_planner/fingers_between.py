"""What the fingers do between two goals whose pictures differ by the fingers alone."""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor

from vjepa2_planner.constraints import GRIPPER
from vjepa2_planner.failures import PursuitFailure
from vjepa2_planner.step import Outcome
from vjepa2_planner.world_model import Latent, WorldModel

CHANGES = (0.25, 0.35, 0.5, 0.75)
"""Of closedness, in each direction."""
SAME = 0.02
"""Goals show the same where they are nearer than this share of what different arms make."""
HALFWAY = 0.2
"""Closedness between that of an open hand and of one that holds something."""


def fingers_between(
    world_model: WorldModel[Latent],
    former: Latent,
    goal: Latent,
    state: Tensor,
    alone: float,
    possible: Collection[float] = (-1.0, 1.0),
) -> float | None:
    """-1 where the fingers open from one goal to the next, 1 where they close, 0 where the arm
    moves; None where the two show the same or the world model has forgotten the former.

    The direction that explains the two pictures best, there and back, as a calibration infers the
    action between two (paper, B.4), among the possible ones. Not part of the paper's method.

    state: float32 [7] of the arm at the former goal. alone: energy; goals that are further apart
    show different arms.
    """
    distance = _distance(world_model, former, goal)
    if distance is None or distance <= SAME * alone:
        return None
    if distance >= alone or not possible:
        return 0.0
    if len(possible) == 1:
        return next(iter(possible))
    # How far the fingers are closed in the goal is not known.
    there = torch.cat([state[:GRIPPER], state.new_tensor([HALFWAY])])

    def energy(direction: float) -> float:
        forth = _mean_energy(world_model, former, state, goal, direction)
        return forth + _mean_energy(world_model, goal, there, former, -direction)

    return -1.0 if energy(-1.0) < energy(1.0) else 1.0


def _distance(world_model: WorldModel[Latent], former: Latent, goal: Latent) -> float | None:
    try:
        return world_model.distance(former, goal)
    except PursuitFailure as failure:
        if failure.outcome is Outcome.CANCELLED:
            raise
        return None


def _mean_energy(
    world_model: WorldModel[Latent], context: Latent, state: Tensor, goal: Latent, direction: float
) -> float:
    actions = torch.zeros(len(CHANGES), 1, 7)
    actions[:, 0, GRIPPER] = direction * torch.tensor(CHANGES)
    energies = world_model.energies(context, state[None], goal, actions.to(world_model.device))
    return float(energies.mean())
