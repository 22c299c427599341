"""From camera images to the baselines' small pictures."""

import numpy as np
import pytest
import torch

from vjepa2_models.baselines.pictures import coordinates, pixel_distance, to_small_pictures

CPU = torch.device("cpu")


def test_half_the_size_is_the_mean_of_four_pixels() -> None:
    """128 to 64 pixels loses nothing between them; colours are RGB in 0 to 1."""
    frames = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    pictures = to_small_pictures(frames, 4, "square", CPU)
    assert pictures.shape == (2, 3, 4, 4) and pictures.dtype == torch.float32
    means = frames.reshape(2, 4, 2, 4, 2, 3).mean(axis=(2, 4)) / 255
    np.testing.assert_allclose(pictures.permute(0, 2, 3, 1).numpy(), means, atol=1e-6)


def test_colours_stay_within_0_to_1() -> None:
    """Black and white come back as such, whatever was rounded on the way."""
    frames = torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1).expand(2, 4, 4, 3)
    pictures = to_small_pictures(frames, 4, "square", CPU)
    assert pictures.min() >= 0 and pictures.max() <= 1
    torch.testing.assert_close(pictures[1], torch.ones(3, 4, 4))


def test_frames_of_another_kind_are_refused() -> None:
    """Floats, and a picture without its time."""
    with pytest.raises(ValueError, match=r"RGB uint8 \[T, H, W, 3\]"):
        to_small_pictures(np.zeros((1, 8, 8, 3)), 4, "square", CPU)
    with pytest.raises(ValueError, match=r"\[8, 8, 3\]"):
        to_small_pictures(np.zeros((8, 8, 3), np.uint8), 4, "square", CPU)


def test_distance_is_the_mean_over_all_pixels() -> None:
    """One of two rows changed by a half."""
    pictures = torch.zeros(2, 3, 2, 2)
    pictures[1, :, 0] = 0.5
    assert pixel_distance(pictures, torch.zeros(1, 3, 2, 2)).tolist() == [0.0, 0.25]


def test_coordinates_run_right_and_down() -> None:
    """The first is the column, the second the row."""
    columns, rows = coordinates(3)[0]
    assert columns[0].tolist() == [-1, 0, 1] and rows[:, 0].tolist() == [-1, 0, 1]
