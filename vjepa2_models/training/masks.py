"""Multi-block masks (paper, section 2.1): what the encoder sees and what must be predicted."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class MaskSettings:
    """One kind of mask: the union of `blocks` rectangles, each through all frames.

    Attributes:
        blocks: how many rectangles.
        scale: share of the frame that each covers.
        aspect: range of a rectangle's height over its width.
    """

    blocks: int
    scale: float
    aspect: tuple[float, float] = (0.75, 1.5)


SHORT_RANGE = MaskSettings(blocks=8, scale=0.15)
LONG_RANGE = MaskSettings(blocks=2, scale=0.7)
"""The two kinds of the official training."""


def sample_masks(
    batch: int, frames: int, grid: int, settings: MaskSettings, random: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Indices of visible tokens [B, K] and of hidden ones [B, M], over frames x grid x grid.

    All rows of a batch are cut to the fewest visible and the fewest hidden tokens among them, so
    that they stack; at least one token is always visible.
    """
    hidden = np.stack([_hidden_patches(grid, settings, random) for _ in range(batch)])
    hidden = np.repeat(hidden[:, None], frames, axis=1).reshape(batch, -1)
    # A random tie-break makes the cut drop tokens anywhere, not the last ones of the image.
    order = np.argsort(hidden + random.uniform(0, 0.5, hidden.shape), axis=1)
    visible = hidden.shape[1] - hidden.sum(axis=1)
    fewest_visible, fewest_hidden = int(visible.min()), int(hidden.sum(axis=1).min())
    keep = order[:, :fewest_visible]
    predict = order[:, hidden.shape[1] - fewest_hidden :]
    return torch.from_numpy(np.sort(keep)), torch.from_numpy(np.sort(predict))


def _hidden_patches(grid: int, settings: MaskSettings, random: np.random.Generator) -> np.ndarray:
    while True:
        hidden = np.zeros((grid, grid), dtype=np.int64)
        for _ in range(settings.blocks):
            aspect = np.exp(random.uniform(*np.log(settings.aspect)))
            area = settings.scale * grid**2
            height = int(np.clip(round(np.sqrt(area * aspect)), 1, grid))
            width = int(np.clip(round(np.sqrt(area / aspect)), 1, grid))
            top = random.integers(grid - height + 1)
            left = random.integers(grid - width + 1)
            hidden[top : top + height, left : left + width] = 1
        if hidden.sum() < grid**2:
            return hidden
