"""Random crops of clips."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_models.training.clips.clip_crop import ClipCrops, random_box, random_crop, whole_frames


@given(
    st.integers(8, 80),
    st.integers(8, 80),
    st.sampled_from([ClipCrops(), ClipCrops((0.05, 0.2), (0.5, 2.0)), ClipCrops((1.7, 1.8))]),
    st.integers(0, 2**32 - 1),
)
def test_boxes_lie_within_the_frame(height: int, width: int, crops: ClipCrops, seed: int) -> None:
    """Also where no box of the scale fits, as with the official scale of 1.777."""
    top, left, box_height, box_width = random_box(
        height, width, crops, np.random.default_rng(seed)
    )
    assert top >= 0 and left >= 0 and box_height > 0 and box_width > 0
    assert top + box_height <= height and left + box_width <= width


def test_scale_that_never_fits_falls_back_to_the_centre() -> None:
    """A 16:9 frame is cut to the widest aspect allowed, at the centre."""
    crops = ClipCrops(scale=(1.777, 1.777), aspect=(0.75, 1.35))
    box = random_box(180, 320, crops, np.random.default_rng(0))
    assert box == (0, (320 - 243) // 2, 180, 243)


def test_all_frames_have_the_same_crop() -> None:
    """A ramp is cut to the same part in each frame, of the size asked for."""
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[:, None] * 3, (5, 64, 64, 3)).copy()
    crops = ClipCrops(scale=(0.3, 0.5))
    cut = [random_crop(ramp, 32, crops, np.random.default_rng(seed)) for seed in range(8)]
    for clip in cut:
        assert clip.shape == (5, 32, 32, 3) and clip.dtype == torch.uint8
        assert torch.equal(clip, clip[:1].expand_as(clip))
    widths = [int(clip[0, 0, -1, 0]) - int(clip[0, 0, 0, 0]) for clip in cut]
    assert len(set(widths)) > 1 and max(widths) < 0.95 * 189


def test_mirrored_clips() -> None:
    """About half of them, and all frames of one alike."""
    ramp = np.broadcast_to(np.arange(32, dtype=np.uint8)[:, None] * 8, (2, 32, 32, 3)).copy()
    crops = ClipCrops(scale=(1.0, 1.0), aspect=(1.0, 1.0), mirror=True)
    falling = 0
    for seed in range(100):
        clip = random_crop(ramp, 32, crops, np.random.default_rng(seed)).int()
        assert torch.equal(clip[0], clip[1])
        falling += bool(clip[0, 0, 0, 0] > clip[0, 0, -1, 0])
    assert 30 < falling < 70


def test_whole_frames_of_the_right_size_are_untouched() -> None:
    """No resampling where none is needed."""
    clip = np.random.default_rng(0).integers(256, size=(2, 16, 16, 3), dtype=np.uint8)
    assert torch.equal(whole_frames(clip, 16, "square"), torch.from_numpy(clip))


def test_settings_that_can_not_be() -> None:
    """A scale that falls is refused."""
    with pytest.raises(ValueError, match="scale and aspect of crops"):
        ClipCrops(scale=(1.0, 0.3))
