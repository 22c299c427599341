"""Where the hand works: a box over the table, in the robot's base frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Workspace:
    """Axis-aligned box for the tool centre point [m]."""

    lower: tuple[float, float, float] = (0.38, -0.18, 0.12)
    upper: tuple[float, float, float] = (0.62, 0.18, 0.40)

    def enlarged(self, margin: float) -> Workspace:
        """The same box, `margin` metres wider at each side."""
        x, y, z = self.lower
        u, v, w = self.upper
        return Workspace(
            (x - margin, y - margin, z - margin), (u + margin, v + margin, w + margin)
        )

    def contains(self, position: ArrayLike) -> bool:
        """Whether a position [3] lies in the box."""
        point = np.asarray(position)
        return bool(np.all(point >= self.lower) and np.all(point <= self.upper))

    def sample(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """A position [3], drawn uniformly."""
        return rng.uniform(self.lower, self.upper)


WORKSPACE = Workspace()
COLLECTION_WORKSPACE = WORKSPACE.enlarged(0.04)
"""Training data reaches a little further, so that the rim is not the end of the known world."""

INTERACTION_WORKSPACE = Workspace(
    (*COLLECTION_WORKSPACE.lower[:2], 0.02), COLLECTION_WORKSPACE.upper
)
"""Down to where objects are grasped; the fingertips, 8 mm below, stay clear of the table."""
