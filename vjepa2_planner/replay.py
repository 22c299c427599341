"""A recorded plan, computed again."""

from typing import Any

import torch
from torch import Tensor

from vjepa2_planner.plan import Plan, Planner
from vjepa2_planner.world_model import WorldModel


def replay(
    recorded: Plan,
    planner: Planner,
    world_model: WorldModel[Any],
    context: Any,
    states: Tensor,
    goal: Any,
) -> Plan:
    """The plan that the same inputs, seed and number of refinements lead to.

    On the same machine and with the same versions it is `identical` to the recorded one, whether
    a time budget had cut that short or not. ValueError for a plan from noise that was given.
    """
    if recorded.seed is None:
        raise ValueError("the plan has no seed: its noise was given, and must be given again")
    return planner.plan(
        world_model,
        context,
        states,
        goal,
        seed=recorded.seed,
        warm=recorded.first_mean,
        at_most=len(recorded.trace),
    )


def identical(one: Plan, other: Plan) -> bool:
    """Whether actions, energies and every refinement agree bit for bit; times do not count."""
    return (
        torch.equal(one.actions, other.actions)
        and (one.energy, one.hold_energy) == (other.energy, other.hold_energy)
        and len(one.trace) == len(other.trace)
        and all(
            torch.equal(a.mean, b.mean)
            and torch.equal(a.std, b.std)
            and a.elite_energies == b.elite_energies
            and a.finite == b.finite
            for a, b in zip(one.trace, other.trace, strict=True)
        )
    )
