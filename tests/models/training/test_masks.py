"""Multi-block masks and random crops."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_models.training.augmentation import CropSettings, random_resized_crops
from vjepa2_models.training.masks import LONG_RANGE, SHORT_RANGE, MaskSettings, sample_masks


@given(
    st.integers(1, 6),
    st.integers(1, 3),
    st.integers(4, 16),
    st.sampled_from([SHORT_RANGE, LONG_RANGE, MaskSettings(4, 0.25)]),
    st.integers(0, 2**32 - 1),
)
def test_masks_are_disjoint(
    batch: int, frames: int, grid: int, kind: MaskSettings, seed: int
) -> None:
    """Visible and hidden tokens never overlap, exist, and are within the clip."""
    keep, predict = sample_masks(batch, frames, grid, kind, np.random.default_rng(seed))
    assert keep.shape[0] == predict.shape[0] == batch
    assert keep.shape[1] >= 1 and predict.shape[1] >= 1
    for visible, hidden in zip(keep.tolist(), predict.tolist(), strict=True):
        together = visible + hidden
        assert len(set(together)) == len(together)
        assert min(together) >= 0 and max(together) < frames * grid**2


def test_long_range_masks_hide_most() -> None:
    """Two blocks of 70 % leave less than a third to see."""
    keep, _ = sample_masks(16, 1, 16, LONG_RANGE, np.random.default_rng(0))
    assert keep.shape[1] < 16**2 / 3


def test_same_seed_same_masks() -> None:
    """Masks can be repeated."""
    first, second = (
        sample_masks(4, 2, 8, SHORT_RANGE, np.random.default_rng(3)) for _ in range(2)
    )
    assert torch.equal(first[0], second[0]) and torch.equal(first[1], second[1])


def test_crops_show_part_of_the_image() -> None:
    """A crop of a ramp is a ramp over a part of its range, of the size asked for."""
    ramp = torch.linspace(0, 1, 64).expand(8, 3, 64, 64)
    crops = random_resized_crops(
        ramp, 32, CropSettings(scale=(0.3, 0.5)), np.random.default_rng(0)
    )
    assert crops.shape == (8, 3, 32, 32)
    width = crops[:, 0, 0, -1] - crops[:, 0, 0, 0]
    assert (width > 0.3).all() and (width < 0.95).all()
    assert width.std() > 0.01
