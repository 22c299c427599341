"""Random resized crops (paper, A.1): another part of the scene, at another size, each time."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class CropSettings:
    """Share of the image that a crop covers, and its width over its height."""

    scale: tuple[float, float] = (0.3, 1.0)
    aspect: tuple[float, float] = (0.75, 1.35)


def random_resized_crops(
    images: Tensor, size: int, settings: CropSettings, random: np.random.Generator
) -> Tensor:
    """Images float [B, 3, S, S], each cut to its own random rectangle: [B, 3, size, size]."""
    batch = len(images)
    area = random.uniform(*settings.scale, batch)
    narrowest, widest = np.log(settings.aspect)
    aspect = np.exp(random.uniform(narrowest, widest, batch))
    half_width = np.minimum(np.sqrt(area * aspect), 1.0)
    half_height = np.minimum(np.sqrt(area / aspect), 1.0)
    centre_x = random.uniform(half_width - 1, 1 - half_width)
    centre_y = random.uniform(half_height - 1, 1 - half_height)
    theta = np.zeros((batch, 2, 3), dtype=np.float32)
    theta[:, 0, 0], theta[:, 0, 2] = half_width, centre_x
    theta[:, 1, 1], theta[:, 1, 2] = half_height, centre_y
    grid = F.affine_grid(torch.from_numpy(theta), [batch, 3, size, size], align_corners=False)
    return F.grid_sample(images, grid, align_corners=False, padding_mode="border")
