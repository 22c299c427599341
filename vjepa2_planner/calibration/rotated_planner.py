"""A planner whose plans are turned by the camera's rotation before they are executed."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vjepa2_planner.calibration.turning import checked_rotation
from vjepa2_planner.constraints import Constraint
from vjepa2_planner.plan import Plan, Planner
from vjepa2_planner.world_model import Latent, WorldModel


@dataclass(frozen=True, eq=False)
class RotatedPlanner:
    """A `Planner` around another: x-y as row vectors times ``rotation``, then projected again.

    rotation: W̄ [2, 2], see `Solution`. Trace and energies stay those of the plan as the world
    model saw it. A warm start is turned back first. Paper, appendix B.4.
    """

    planner: Planner
    rotation: NDArray[np.float64]
    constraint: Constraint

    def __post_init__(self) -> None:
        checked_rotation(self.rotation)

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
        """See `Planner`."""
        if warm is not None:
            warm = turned(warm, self.rotation.T)
        plan = self.planner.plan(
            world_model, context, states, goal, seed=seed, warm=warm, at_most=at_most
        )
        actions = self.constraint.project(turned(plan.actions, self.rotation))
        return replace(plan, actions=actions)


def turned(actions: Tensor, rotation: NDArray[np.float64]) -> Tensor:
    """Actions [..., 7] with their x-y, as row vectors, times ``rotation`` [2, 2]."""
    matrix = torch.as_tensor(np.array(rotation), dtype=actions.dtype, device=actions.device)
    return torch.cat([actions[..., :2] @ matrix, actions[..., 2:]], dim=-1)
