"""From camera image to network input: the one owner of crops and of colour normalisation.

The live view, the goal and the training data all pass through `preprocess`.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from vjepa2_models.dimensions import Crop

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
DROID_ASPECT = (0.75, 1.35)


def crop_box(height: int, width: int, crop: Crop) -> tuple[int, int, int, int]:
    """Top, left, height and width in pixels of the part of the image that the model sees.

    `square` is the centre square. `droid` is what the official training did to DROID's 16:9
    video: its random scale of 1.777 can never be met, so that every frame falls back to the
    centre crop with the aspect ratio held within 0.75 to 1.35, which is then squashed.
    """
    if crop == "square":
        crop_height = crop_width = min(height, width)
    else:
        low, high = DROID_ASPECT
        aspect = width / height
        crop_height = round(width / low) if aspect < low else height
        crop_width = round(height * high) if aspect > high else width
    return (height - crop_height) // 2, (width - crop_width) // 2, crop_height, crop_width


def preprocess(frames: Tensor, size: int, crop: Crop) -> Tensor:
    """Network input float32 [T, 3, size, size] of RGB frames uint8 [T, H, W, 3].

    Raises:
        ValueError: naming the shape or dtype that was given instead.
    """
    check_frames(frames)
    top, left, height, width = crop_box(frames.shape[1], frames.shape[2], crop)
    x = frames[:, top : top + height, left : left + width].permute(0, 3, 1, 2).float() / 255
    if (height, width) != (size, size):
        x = F.interpolate(x, size=(size, size), mode="bilinear", align_corners=False)
    mean = torch.tensor(IMAGENET_MEAN, device=x.device).view(3, 1, 1)
    std = torch.tensor(IMAGENET_STD, device=x.device).view(3, 1, 1)
    return (x - mean) / std


def check_frames(frames: Tensor) -> None:
    """Refuses what is not RGB uint8 [T, H, W, 3] with T, H, W >= 1."""
    if frames.dtype != torch.uint8 or frames.ndim != 4 or frames.shape[-1] != 3:
        raise ValueError(
            "frames must be RGB uint8 [T, H, W, 3], not "
            f"{str(frames.dtype).removeprefix('torch.')} {list(frames.shape)}"
        )
    if 0 in frames.shape:
        raise ValueError(f"frames are empty: {list(frames.shape)}")
