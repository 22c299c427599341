"""How far imagined features are from the goal's: the energy that is planned with."""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn import functional as F

Distance = Literal["l1", "l2", "cosine"]


@dataclass(frozen=True)
class Objective:
    """The energy of a rollout (paper, equation 5, with the defaults).

    distance: `l1` is the mean absolute difference, `l2` the mean squared one, `cosine` the mean
    over patches of 1 - cos between their features. sum_over_horizon: add up the distances of all
    imagined frames; otherwise the last one counts alone.
    """

    distance: Distance = "l1"
    sum_over_horizon: bool = False

    def __post_init__(self) -> None:
        if self.distance not in get_args(Distance):
            raise ValueError(
                f"no distance called {self.distance!r}; there are {', '.join(get_args(Distance))}"
            )

    def between(self, features: Tensor, goal: Tensor) -> Tensor:
        """Distance [S], float32, of features [S, N, D] from the goal's [1, N, D]."""
        if self.distance == "cosine":
            similarity = F.cosine_similarity(features.float(), goal.float(), dim=-1)
            return 1.0 - similarity.mean(dim=1)
        difference = (features - goal).float()
        size = difference.abs() if self.distance == "l1" else torch.square(difference)
        return size.mean(dim=(1, 2))


L1 = Objective()
"""The paper's."""
