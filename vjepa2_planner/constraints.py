"""The sets that each planned step has to lie in.

The paper speaks of an "L1 ball of radius 0.075" and of steps of "at most 13 cm" (section 3.2).
The two disagree: 13 cm is the diagonal of the box that the released code clips to. Both are here.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Constraint(Protocol):
    """A convex set of actions; ``project`` maps onto it."""

    def project(self, actions: Tensor, /) -> Tensor:
        """The nearest allowed actions [..., H, 7] to ``actions`` [..., H, 7]."""
        ...


@dataclass(frozen=True)
class Box:
    """Each of x, y, z within +-``radius`` [m]; no rotation; gripper within +-``gripper_limit``."""

    radius: float = 0.075
    gripper_limit: float = 0.75

    def __post_init__(self) -> None:
        _check(self.radius, self.gripper_limit, of="Box")

    def project(self, actions: Tensor, /) -> Tensor:
        """See :meth:`Constraint.project`."""
        xyz = actions[..., :3].clamp(-self.radius, self.radius)
        return _without_rotation(xyz, actions, self.gripper_limit)


@dataclass(frozen=True)
class L1Ball:
    """|x| + |y| + |z| within ``radius`` [m]; no rotation; gripper within +-``gripper_limit``."""

    radius: float = 0.075
    gripper_limit: float = 0.75

    def __post_init__(self) -> None:
        _check(self.radius, self.gripper_limit, of="L1Ball")

    def project(self, actions: Tensor, /) -> Tensor:
        """See :meth:`Constraint.project`; exact Euclidean projection (Duchi et al. 2008)."""
        xyz = project_on_l1_ball(actions[..., :3], self.radius)
        return _without_rotation(xyz, actions, self.gripper_limit)


def at_bound(constraint: Constraint, action: Tensor) -> bool:
    """Whether an allowed action [7] lies on the bound, so that it may have been cut there."""
    longer = (action * 1.001)[None]
    return not torch.allclose(constraint.project(longer), longer, rtol=0.0, atol=1e-6)


def project_on_l1_ball(vectors: Tensor, radius: float) -> Tensor:
    """Euclidean projection of ``vectors`` [..., D] on the L1 ball of ``radius``, per vector."""
    size = vectors.abs()
    descending = size.sort(dim=-1, descending=True).values
    excess = descending.cumsum(dim=-1) - radius
    rank = torch.arange(1, vectors.shape[-1] + 1, device=vectors.device, dtype=vectors.dtype)
    # At least one: rounding can lose even the first where a vector is huge beside the radius.
    kept = (descending * rank > excess).sum(dim=-1, keepdim=True).clamp(min=1)
    threshold = excess.gather(-1, kept - 1) / kept
    shrunk = vectors.sign() * (size - threshold).clamp(min=0.0)
    inside = size.sum(dim=-1, keepdim=True) <= radius
    return torch.where(inside, vectors, shrunk)


def _without_rotation(xyz: Tensor, actions: Tensor, gripper_limit: float) -> Tensor:
    gripper = actions[..., 6:].clamp(-gripper_limit, gripper_limit)
    return torch.cat((xyz, torch.zeros_like(xyz), gripper), dim=-1)


def _check(radius: float, gripper_limit: float, *, of: str) -> None:
    if not (math.isfinite(radius) and radius > 0):
        raise ValueError(f"{of}.radius must be a positive length in metres, got {radius}")
    if not 0 <= gripper_limit <= 1:
        raise ValueError(f"{of}.gripper_limit must be in [0, 1], got {gripper_limit}")
