"""Sight of one step near the goal, and of several while it is far."""

from dataclasses import dataclass

from torch import Tensor

from vjepa2_planner.plan import Plan, Planner
from vjepa2_planner.world_model import Latent, WorldModel


@dataclass(frozen=True)
class Lookahead:
    """A farsighted planner for views that are far from the goal, a nearsighted one for the others.

    Far from the goal the energy has dents out of which no single step leads; near it, one step is
    planned more exactly than several. Which it is, the energy between the view as it is and the
    goal tells, so ``threshold`` belongs to a world model.
    """

    near: Planner
    far: Planner
    threshold: float

    def __post_init__(self) -> None:
        if not self.threshold > 0:
            raise ValueError(f"Lookahead.threshold must be positive, got {self.threshold}")

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
        """See :class:`Planner`."""
        far = world_model.distance(context, goal) > self.threshold
        planner = self.far if far else self.near
        return planner.plan(
            world_model, context, states, goal, seed=seed, warm=warm, at_most=at_most
        )
