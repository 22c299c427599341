"""The sets that each planned step has to lie in.

The paper speaks of an "L1 ball of radius 0.075" and of steps of "at most 13 cm" (section 3.2).
The two disagree: 13 cm is the diagonal of the box that the released code clips to. Both are here.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

AXES = "xyz"
GRIPPER = 6


class Constraint(Protocol):
    """A convex set of actions; ``project`` maps onto it."""

    @property
    def columns(self) -> tuple[int, ...]:
        """Which of an action's 7 numbers are planned; the others are always 0."""
        ...

    def project(self, actions: Tensor, /) -> Tensor:
        """The nearest allowed actions [..., H, 7] to ``actions`` [..., H, 7]."""
        ...


@dataclass(frozen=True)
class Box:
    """Each of ``axes`` within +-``radius`` [m]; the limits of the rest.

    rotation_limit: largest angle of each rotation [rad]; 0, as in the paper: no rotation.
    gripper_limit: largest change of closedness. axes: those of x, y, z that may move.
    """

    radius: float = 0.075
    gripper_limit: float = 0.75
    rotation_limit: float = 0.0
    axes: str = AXES

    def __post_init__(self) -> None:
        _check(self)

    @property
    def columns(self) -> tuple[int, ...]:
        """See :class:`Constraint`."""
        return _columns(self)

    def project(self, actions: Tensor, /) -> Tensor:
        """See :meth:`Constraint.project`."""
        xyz = _masked(actions[..., :3], self.axes).clamp(-self.radius, self.radius)
        return _with_the_rest(xyz, actions, self)


@dataclass(frozen=True)
class L1Ball:
    """The sizes of ``axes`` sum to at most ``radius`` [m]; the rest as for :class:`Box`."""

    radius: float = 0.075
    gripper_limit: float = 0.75
    rotation_limit: float = 0.0
    axes: str = AXES

    def __post_init__(self) -> None:
        _check(self)

    @property
    def columns(self) -> tuple[int, ...]:
        """See :class:`Constraint`."""
        return _columns(self)

    def project(self, actions: Tensor, /) -> Tensor:
        """See :meth:`Constraint.project`; exact Euclidean projection (Duchi et al. 2008)."""
        xyz = project_on_l1_ball(_masked(actions[..., :3], self.axes), self.radius)
        return _with_the_rest(xyz, actions, self)


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


def _columns(limits: Box | L1Ball) -> tuple[int, ...]:
    """The gripper is always among them, so that its limit does not change the draws of xyz."""
    translation = tuple(AXES.index(axis) for axis in AXES if axis in limits.axes)
    return (*translation, *((3, 4, 5) if limits.rotation_limit else ()), GRIPPER)


def _masked(xyz: Tensor, axes: str) -> Tensor:
    if axes == AXES:
        return xyz
    kept = torch.tensor([axis in axes for axis in AXES], device=xyz.device)
    return torch.where(kept, xyz, torch.zeros_like(xyz))


def _with_the_rest(xyz: Tensor, actions: Tensor, limits: Box | L1Ball) -> Tensor:
    rotation = actions[..., 3:GRIPPER].clamp(-limits.rotation_limit, limits.rotation_limit)
    gripper = actions[..., GRIPPER:].clamp(-limits.gripper_limit, limits.gripper_limit)
    return torch.cat((xyz, rotation, gripper), dim=-1)


def _check(limits: Box | L1Ball) -> None:
    of = type(limits).__name__
    if not (math.isfinite(limits.radius) and limits.radius > 0):
        raise ValueError(f"{of}.radius must be a positive length in metres, got {limits.radius}")
    if not 0 <= limits.gripper_limit <= 1:
        raise ValueError(f"{of}.gripper_limit must be in [0, 1], got {limits.gripper_limit}")
    if not 0 <= limits.rotation_limit <= math.pi:
        raise ValueError(f"{of}.rotation_limit must be in [0, pi], got {limits.rotation_limit}")
    if not limits.axes or limits.axes not in ("x", "y", "z", "xy", "xz", "yz", AXES):
        raise ValueError(f"{of}.axes must be some of xyz, in that order, got {limits.axes!r}")
