"""Crops and colours, against hand-worked figures."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_models import crop_box, preprocess
from vjepa2_models.preprocessing import IMAGENET_MEAN, IMAGENET_STD

sides = st.integers(16, 2000)


def test_droid_crop_of_wide_video() -> None:
    """16:9 falls back to the centre crop of aspect 1.35 and full height."""
    assert crop_box(720, 1280, "droid") == (0, 154, 720, 972)


def test_droid_crop_of_tall_and_of_square_images() -> None:
    """A tall image is cut to aspect 0.75; a square one is kept whole."""
    assert crop_box(1280, 720, "droid") == (160, 0, 960, 720)
    assert crop_box(256, 256, "droid") == (0, 0, 256, 256)


@given(sides, sides)
def test_square_crop_is_the_largest_centred_one(height: int, width: int) -> None:
    """It has the shorter side and leaves equal margins, up to a pixel."""
    top, left, h, w = crop_box(height, width, "square")
    assert h == w == min(height, width)
    assert abs(2 * top + h - height) <= 1 and abs(2 * left + w - width) <= 1


@given(sides, sides)
def test_droid_crop_stays_inside(height: int, width: int) -> None:
    """The box lies in the image and its aspect in the trained range, up to rounding."""
    top, left, h, w = crop_box(height, width, "droid")
    assert top >= 0 and left >= 0 and top + h <= height and left + w <= width
    assert 0.75 - 1 / h <= w / h <= 1.35 + 1 / h


def test_colours_are_normalised_as_imagenet() -> None:
    """A plain colour comes out as (value / 255 - mean) / std in every pixel."""
    frames = torch.tensor([10, 120, 250], dtype=torch.uint8).expand(2, 90, 160, 3)
    out = preprocess(frames, 64, "droid")
    expected = (torch.tensor([10, 120, 250]) / 255 - torch.tensor(IMAGENET_MEAN)) / torch.tensor(
        IMAGENET_STD
    )
    torch.testing.assert_close(out, expected.view(1, 3, 1, 1).expand(2, 3, 64, 64))


def test_an_image_of_the_right_size_is_not_resampled() -> None:
    """Pixels pass through unchanged but for the colours."""
    frames = torch.randint(0, 256, (1, 32, 32, 3), dtype=torch.uint8)
    out = preprocess(frames, 32, "square")
    restored = out * torch.tensor(IMAGENET_STD).view(3, 1, 1) + torch.tensor(IMAGENET_MEAN).view(
        3, 1, 1
    )
    torch.testing.assert_close(restored * 255, frames.permute(0, 3, 1, 2).float())


@pytest.mark.parametrize(
    "frames",
    [
        torch.zeros(64, 64, 3, dtype=torch.uint8),
        torch.zeros(1, 3, 64, 64, dtype=torch.uint8),
        torch.zeros(1, 64, 64, 3),
        torch.zeros(0, 64, 64, 3, dtype=torch.uint8),
    ],
)
def test_other_shapes_and_types_are_refused(frames: torch.Tensor) -> None:
    """The error names what was given."""
    with pytest.raises(ValueError, match=r"frames (must be|are empty)"):
        preprocess(frames, 64, "square")
