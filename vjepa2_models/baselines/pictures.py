"""Small pictures as the baselines see them: RGB float32 in 0 to 1."""

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from vjepa2_models.dimensions import Crop
from vjepa2_models.frame_decoder import to_rgb
from vjepa2_models.preprocessing import preprocess


def to_small_pictures(
    frames: Tensor | NDArray[Any], size: int, crop: Crop, device: torch.device
) -> Tensor:
    """Pictures float32 [T, 3, size, size] of RGB frames uint8 [T, H, W, 3].

    Cropped and squeezed as for the world model, which owns how that is done. Raises ValueError on
    another shape or dtype.
    """
    return to_rgb(preprocess(torch.as_tensor(frames).to(device), size, crop)).clamp(0, 1)


def pixel_distance(pictures: Tensor, goal: Tensor) -> Tensor:
    """Mean absolute difference [B] of RGB between pictures [B, 3, S, S] and goal [1, 3, S, S]."""
    distance: Tensor = (pictures - goal).abs().mean(dim=(1, 2, 3))
    return distance


def coordinates(edge: int) -> Tensor:
    """Column and row of every cell, from -1 to 1, [1, 2, edge, edge].

    With them a convolution knows where in the picture it is, and so where the arm's state puts
    the arm.
    """
    line = torch.linspace(-1, 1, edge)
    rows, columns = torch.meshgrid(line, line, indexing="ij")
    return torch.stack((columns, rows)).unsqueeze(0)
