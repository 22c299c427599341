"""Multi-block masks: what is hidden, through time, and how rows stack."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vjepa2_models.training.pretraining.masks import (
    LONG_RANGE,
    SHORT_RANGE,
    MaskSettings,
    TokenGrid,
    sample_masks,
    stack_indices,
)

KINDS = (
    SHORT_RANGE,
    LONG_RANGE,
    MaskSettings(4, (0.1, 0.4), temporal_scale=(0.25, 0.75)),
    MaskSettings(2, (0.2, 0.2), max_temporal_keep=0.5),
    MaskSettings(3, (0.15, 0.3), max_keep=5),
)
grids = st.builds(TokenGrid, st.integers(1, 6), st.integers(4, 12), st.integers(4, 12))
seeds = st.integers(0, 2**32 - 1)


def rows_of(seed: int) -> Callable[[int], np.random.Generator]:
    return lambda row: np.random.default_rng((seed, row))


@given(st.integers(1, 6), grids, st.sampled_from(KINDS), seeds)
def test_visible_and_hidden_are_disjoint(
    batch: int, grid: TokenGrid, kind: MaskSettings, seed: int
) -> None:
    """Indices ascend, exist, never overlap, and are really visible or hidden."""
    hidden = sample_masks(batch, grid, kind, np.random.default_rng(seed))
    keep, predict = stack_indices(hidden, range(batch), kind.max_keep, rows_of(seed))
    assert keep.shape[1] >= 1 and predict.shape[1] >= 1
    assert kind.max_keep is None or keep.shape[1] <= kind.max_keep
    for row in range(batch):
        assert not hidden[row, keep[row]].any() and hidden[row, predict[row]].all()
    for indices in (keep, predict):
        assert (indices.diff(dim=1) > 0).all()
        assert indices.min() >= 0 and indices.max() < np.prod(grid)


@given(grids, st.sampled_from([SHORT_RANGE, LONG_RANGE]), seeds)
def test_blocks_extend_through_time(grid: TokenGrid, kind: MaskSettings, seed: int) -> None:
    """With a temporal scale of 1, every frame hides the same patches."""
    hidden = sample_masks(3, grid, kind, np.random.default_rng(seed)).reshape(3, *grid)
    assert (hidden == hidden[:, :1]).all()


@given(st.integers(2, 6), st.sampled_from(KINDS), seeds, st.data())
@settings(max_examples=30)
def test_a_part_of_the_batch_has_the_masks_of_the_whole(
    batch: int, kind: MaskSettings, seed: int, data: st.DataObject
) -> None:
    """Processes with a few rows each see what one with all the rows sees."""
    hidden = sample_masks(batch, TokenGrid(2, 6, 6), kind, np.random.default_rng(seed))
    whole = stack_indices(hidden, range(batch), kind.max_keep, rows_of(seed))
    cut = data.draw(st.integers(1, batch - 1))
    parts = [
        stack_indices(hidden, rows, kind.max_keep, rows_of(seed))
        for rows in (range(cut), range(cut, batch))
    ]
    for together, first, second in zip(whole, *parts, strict=True):
        assert torch.equal(together, torch.cat([first, second]))


def test_short_blocks_leave_part_of_the_clip() -> None:
    """A block of half the clip hides a patch for a while only."""
    kind = MaskSettings(1, (0.25, 0.25), temporal_scale=(0.5, 0.5))
    hidden = sample_masks(4, TokenGrid(8, 8, 8), kind, np.random.default_rng(0))
    lasting = hidden.reshape(4, 8, 64).sum(axis=1)
    assert set(np.unique(lasting)) == {0, 4}


def test_late_frames_are_hidden() -> None:
    """The encoder sees the first half of the clip; all of the second must be predicted."""
    kind = MaskSettings(1, (0.2, 0.2), max_temporal_keep=0.5)
    hidden = sample_masks(4, TokenGrid(6, 8, 8), kind, np.random.default_rng(0))
    frames = hidden.reshape(4, 6, 64)
    assert frames[:, 3:].all() and not frames[:, :3].all(axis=-1).any()


def test_long_range_masks_hide_most() -> None:
    """Two blocks of 70 % leave less than a third to see; eight of 15 % leave more."""
    grid = TokenGrid(1, 16, 16)
    share = [
        1 - sample_masks(64, grid, kind, np.random.default_rng(0)).mean()
        for kind in (LONG_RANGE, SHORT_RANGE)
    ]
    assert share[0] < 1 / 3 and share[1] > share[0]


def test_settings_that_hide_everything_are_refused() -> None:
    """No endless loop: the error names the settings."""
    kind = MaskSettings(1, (1.0, 1.0), aspect=(1.0, 1.0))
    with pytest.raises(ValueError, match=r"hide everything.*spatial_scale=\(1\.0, 1\.0\)"):
        sample_masks(2, TokenGrid(1, 4, 4), kind, np.random.default_rng(0))
    with pytest.raises(ValueError, match="spatial_scale must rise within 0 to 1"):
        MaskSettings(1, (0.5, 1.5))
