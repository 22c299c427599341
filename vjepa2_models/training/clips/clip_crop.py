"""Random resized crops of clips (paper, A.1): one rectangle for all frames of a clip."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from vjepa2_models.dimensions import Crop
from vjepa2_models.preprocessing import crop_box

ATTEMPTS = 10
Box = tuple[int, int, int, int]
"""Top, left, height and width in pixels."""


@dataclass(frozen=True)
class ClipCrops:
    """Share of the frame that a crop covers, its width over its height, and mirroring.

    Attributes:
        scale: range of the share of the area.
        aspect: range of width over height.
        mirror: whether half of the clips are flipped left to right. The released pre-training
            does; on pictures of a robot it exchanges left and right of the arm.
    """

    scale: tuple[float, float] = (0.3, 1.0)
    aspect: tuple[float, float] = (0.75, 1.35)
    mirror: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.scale[0] <= self.scale[1] or not 0 < self.aspect[0] <= self.aspect[1]:
            raise ValueError(f"scale and aspect of crops must be positive and rise: {self}")


def random_crop(
    clip: NDArray[np.uint8], size: int, crops: ClipCrops, random: np.random.Generator
) -> Tensor:
    """A random part of a clip uint8 [T, H, W, 3], resized to uint8 [T, size, size, 3]."""
    resized = resize(clip, random_box(clip.shape[1], clip.shape[2], crops, random), size)
    return resized.flip(2) if crops.mirror and random.random() < 0.5 else resized


def whole_frames(clip: NDArray[np.uint8], size: int, crop: Crop) -> Tensor:
    """A clip as it is seen at inference: uint8 [T, size, size, 3]."""
    return resize(clip, crop_box(clip.shape[1], clip.shape[2], crop), size)


def random_box(height: int, width: int, crops: ClipCrops, random: np.random.Generator) -> Box:
    """A rectangle within the frame, as torchvision's RandomResizedCrop draws it.

    If none of ten fits, the widest or highest one at the centre that the aspects allow.
    """
    for _ in range(ATTEMPTS):
        area = height * width * random.uniform(*crops.scale)
        aspect = np.exp(random.uniform(*np.log(crops.aspect)))
        box_width, box_height = round(np.sqrt(area * aspect)), round(np.sqrt(area / aspect))
        if 0 < box_width <= width and 0 < box_height <= height:
            top = int(random.integers(height - box_height + 1))
            left = int(random.integers(width - box_width + 1))
            return top, left, box_height, box_width
    aspect = float(np.clip(width / height, *crops.aspect))
    box_height = min(height, round(width / aspect))
    box_width = min(width, round(height * aspect))
    return (height - box_height) // 2, (width - box_width) // 2, box_height, box_width


def resize(clip: NDArray[np.uint8], box: Box, size: int) -> Tensor:
    """A rectangle of a clip, squashed to a square as by the official code: bilinear alone."""
    top, left, height, width = box
    part = torch.from_numpy(np.array(clip[:, top : top + height, left : left + width]))
    if (height, width) == (size, size):
        return part
    pixels = part.permute(0, 3, 1, 2).float()
    pixels = F.interpolate(pixels, size=(size, size), mode="bilinear", align_corners=False)
    return pixels.round().to(torch.uint8).permute(0, 2, 3, 1)
