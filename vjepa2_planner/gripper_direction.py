"""Whether the fingers open or close, judged by all changes that were tried in that direction."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


def mean_savings(changes: Tensor, energies: Tensor, kept: Tensor) -> Tensor:
    """What each change [K] of closedness saves [K] beside none, in the mean over its direction.

    energies: [K], of the changes. kept: [], that of none. What fingers do is small beside a
    model's error, and the lowest of many tries is the one that it errs most about: in the mean
    over all that open, or that close, errors even out. A direction saves nothing (-inf) where one
    of its energies is not finite, and so does a change of 0, which has none.
    """
    savings = torch.full_like(energies, -torch.inf)
    for direction in (changes < 0, changes > 0):
        saved = (kept - energies[direction]).mean()
        savings[direction] = torch.where(saved.isfinite(), saved, -torch.inf)
    return savings


@dataclass(frozen=True)
class Stroke:
    """The fingers' furthest change in one direction, and what that direction saves in the mean.

    change: of closedness, not 0. saving: of energy beside no change; -inf where it has none.
    """

    change: float
    saving: float


def strokes_of(changes: Tensor, savings: Tensor) -> tuple[Stroke, ...]:
    """One for each direction that was tried: changes [K] and `mean_savings` of them [K]."""
    furthest = {int(changes.argmin()), int(changes.argmax())}
    return tuple(
        Stroke(float(changes[k]), float(savings[k])) for k in sorted(furthest) if changes[k] != 0
    )
