"""What both baselines refuse as input."""

from collections.abc import Sequence

import torch
from torch import Tensor


def check_shapes(**named: tuple[Tensor, Sequence[int]]) -> None:
    """Raises ValueError that names a tensor of another shape than the one beside it."""
    for name, (given, shape) in named.items():
        if tuple(given.shape) != tuple(shape):
            raise ValueError(f"{name} must be {list(shape)}, not {list(given.shape)}")


def check_states(states: Tensor) -> None:
    """Raises ValueError if states are not finite."""
    if not torch.isfinite(states).all():
        raise ValueError(f"states are not finite: {states.tolist()}")
