"""Multi-block masks (paper, section 2.1): what the encoder sees and what must be predicted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

MAX_ATTEMPTS = 1000


class TokenGrid(NamedTuple):
    """Tokens of a clip along time, height and width."""

    frames: int
    rows: int
    columns: int


@dataclass(frozen=True)
class MaskSettings:
    """One kind of mask: the union of blocks that all have the same size within a batch.

    Attributes:
        blocks: how many.
        spatial_scale: range of the share of the frame that a block covers.
        temporal_scale: range of the share of the clip that a block lasts; 1 is the whole clip, so
            that nothing can be copied from the frame before or after.
        aspect: range of a block's height over its width.
        max_temporal_keep: the encoder sees the first share of the clip only; all later tokens are
            hidden, and so predicted.
        max_keep: the most tokens that the encoder sees; None for no limit.
    """

    blocks: int
    spatial_scale: tuple[float, float]
    temporal_scale: tuple[float, float] = (1.0, 1.0)
    aspect: tuple[float, float] = (0.75, 1.5)
    max_temporal_keep: float = 1.0
    max_keep: int | None = None

    def __post_init__(self) -> None:
        if self.blocks < 1 or (self.max_keep is not None and self.max_keep < 1):
            raise ValueError(f"a mask needs at least one block and one visible token: {self}")
        for name in ("spatial_scale", "temporal_scale"):
            low, high = getattr(self, name)
            if not 0 < low <= high <= 1:
                raise ValueError(f"a mask's {name} must rise within 0 to 1, not {low} to {high}")
        if not 0 < self.aspect[0] <= self.aspect[1]:
            raise ValueError(f"a mask's aspect must be positive and rise, not {self.aspect}")
        if not 0 < self.max_temporal_keep <= 1:
            raise ValueError(f"max_temporal_keep must be over 0, up to 1: {self}")


SHORT_RANGE = MaskSettings(blocks=8, spatial_scale=(0.15, 0.15))
LONG_RANGE = MaskSettings(blocks=2, spatial_scale=(0.7, 0.7))
"""The two kinds of the paper, on every clip of a batch."""


def sample_masks(
    batch: int, grid: TokenGrid, settings: MaskSettings, random: np.random.Generator
) -> NDArray[np.bool_]:
    """Which tokens are hidden: [batch, tokens], at least one and never all in a row.

    Raises:
        ValueError: if the settings hide every token of a clip in each of many attempts.
    """
    size = _block_size(grid, settings, random)
    hidden = _draw(batch, grid, size, settings, random)
    for _ in range(MAX_ATTEMPTS):
        blind = hidden.all(axis=1)
        if not blind.any():
            return hidden
        hidden[blind] = _draw(int(blind.sum()), grid, size, settings, random)
    raise ValueError(f"masks that hide everything on a grid of {tuple(grid)}: {settings}")


def stack_indices(
    hidden: NDArray[np.bool_],
    rows: Sequence[int],
    max_keep: int | None,
    row_random: Callable[[int], np.random.Generator],
) -> tuple[Tensor, Tensor]:
    """Indices, ascending, of visible tokens [R, K] and hidden ones [R, M] of the rows asked for.

    All rows are cut to the fewest visible and the fewest hidden tokens of the WHOLE batch, so that
    they stack, and so that several processes with a part each do the same as one with all.
    """
    count = hidden.sum(axis=1)
    visible = int(hidden.shape[1] - count.max())
    keep = visible if max_keep is None else min(visible, max_keep)
    # A random choice, so that it is not always the last tokens of the clip that are dropped.
    seen, predicted = [], []
    for row in rows:
        random = row_random(row)
        seen.append(random.permutation(np.flatnonzero(~hidden[row]))[:keep])
        predicted.append(random.permutation(np.flatnonzero(hidden[row]))[: count.min()])
    return _sorted(seen), _sorted(predicted)


def _sorted(rows: list[NDArray[np.int64]]) -> Tensor:
    return torch.from_numpy(np.sort(np.stack(rows)))


def _block_size(grid: TokenGrid, settings: MaskSettings, random: np.random.Generator) -> TokenGrid:
    duration = max(1, int(grid.frames * random.uniform(*settings.temporal_scale)))
    area = int(grid.rows * grid.columns * random.uniform(*settings.spatial_scale))
    aspect = random.uniform(*settings.aspect)
    height = int(np.clip(round(np.sqrt(area * aspect)), 1, grid.rows))
    width = int(np.clip(round(np.sqrt(area / aspect)), 1, grid.columns))
    return TokenGrid(duration, height, width)


def _draw(
    batch: int,
    grid: TokenGrid,
    size: TokenGrid,
    settings: MaskSettings,
    random: np.random.Generator,
) -> NDArray[np.bool_]:
    hidden = np.zeros((batch, *grid), dtype=np.bool_)
    hidden[:, max(1, int(grid.frames * settings.max_temporal_keep)) :] = True
    for _ in range(settings.blocks):
        time, row, column = (
            _intervals(batch, length, extent, random)
            for length, extent in zip(size, grid, strict=True)
        )
        hidden |= time[:, :, None, None] & row[:, None, :, None] & column[:, None, None, :]
    return hidden.reshape(batch, -1)


def _intervals(
    batch: int, length: int, extent: int, random: np.random.Generator
) -> NDArray[np.bool_]:
    """An interval anywhere within an axis, one for each row: true [batch, extent] inside it."""
    start = random.integers(extent - length + 1, size=(batch, 1))
    position = np.arange(extent)
    return (position >= start) & (position < start + length)
