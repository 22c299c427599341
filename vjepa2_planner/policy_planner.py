"""A policy in the place of a planner: one action from two pictures, nothing imagined."""

import math
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from vjepa2_planner.constraints import Constraint
from vjepa2_planner.failures import PlanningFailure, PlanningFault
from vjepa2_planner.plan import Plan
from vjepa2_planner.world_model import Latent, WorldModel


@runtime_checkable
class Policy(Protocol):
    """What acts without imagining; otherwise it encodes views as a world model does."""

    def act(self, context: Any, states: Tensor, goal: Any, /) -> Tensor:
        """The next action [7] from the last of ``states`` [T, 7] towards the goal."""
        ...


@dataclass(frozen=True)
class PolicyPlanner:
    """A `Planner` that asks the policy and holds its action within the constraint.

    Its plans have no energy (NaN) and no trace; one is worth a single evaluation.
    """

    constraint: Constraint
    fixed_gripper: bool = False

    @torch.no_grad()
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
        """See :class:`Planner`; seed, warm start and refinements mean nothing to a policy."""
        if not isinstance(world_model, Policy):
            raise TypeError(f"{type(world_model).__name__} is no policy: choose another preset")
        started = perf_counter()
        action = world_model.act(context, states, goal).float().cpu()
        if not action.isfinite().all():
            raise PlanningFailure(
                PlanningFault.ACTION_NOT_FINITE, f"the policy's action is {action.tolist()}"
            )
        actions = self.constraint.project(action[None])
        if self.fixed_gripper:
            actions[:, 6] = 0.0
        seconds = perf_counter() - started
        still = torch.zeros(1, 7)
        return Plan(actions, math.nan, math.nan, (), seconds, seed, 1, True, still)
