"""Gradients of energies that are written as plain functions of the actions."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def with_gradients(energies: Callable[[Tensor], Tensor], actions: Tensor) -> tuple[Tensor, Tensor]:
    """Energies [S] of actions [S,H,7], and their gradients [S,H,7]."""
    with torch.inference_mode(False), torch.enable_grad():
        moved = actions.clone().requires_grad_()
        values = energies(moved)
        (gradients,) = torch.autograd.grad(values.sum(), moved)
    return values.detach(), gradients
