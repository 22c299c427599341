"""Pixel predictors on disk."""

from pathlib import Path

import torch

from vjepa2_models.baselines.baseline_file import (
    build,
    bundled,
    read_baseline,
    save_baseline,
)
from vjepa2_models.baselines.pixel_predictor import PixelPredictor, PixelPredictorSizes

KIND = "pixel predictor"


def bundled_pixel_baseline() -> Path:
    """Path of the bundled pixel predictor; FileNotFoundError says how to train one."""
    return bundled(KIND, "pixel_baseline.safetensors")


def save_pixel_predictor(
    predictor: PixelPredictor, path: Path, dtype: torch.dtype = torch.float16
) -> None:
    """Writes weights and sizes, complete or not at all."""
    save_baseline(predictor, KIND, predictor.sizes, path, dtype)


def load_pixel_predictor(path: Path, device: torch.device | str = "cpu") -> PixelPredictor:
    """A predictor in float32, ready for inference.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: if it is broken, or holds something else.
    """
    sizes, weights = read_baseline(path, KIND, PixelPredictorSizes)
    predictor = build(lambda: PixelPredictor(sizes), weights, path.name)
    return predictor.to(device).eval().requires_grad_(False)
