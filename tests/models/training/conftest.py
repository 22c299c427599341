"""A tiny world that can be learnt: a bright square that moves as its state says."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vjepa2_data import Recording, write_episode
from vjepa2_models import WorldModel, save_world_model
from vjepa2_models.dimensions import (
    ACPredictorDimensions,
    Dimensions,
    EncoderDimensions,
    MaskPredictorDimensions,
)

TINY = Dimensions(
    EncoderDimensions(48, 2, 2),
    ACPredictorDimensions(48, 2, 2),
    MaskPredictorDimensions(32, 1, 1, num_frames=2, num_mask_tokens=2),
    img_size=32,
    patch_size=8,
    num_frames=8,
    crop="square",
)


def moving_square(length: int, random: np.random.Generator) -> Recording:
    """A square of 8 pixels on 32, whose place is x and y of the state, at 4 frames a second."""
    places = np.cumsum(random.uniform(-0.1, 0.1, (length, 2)), axis=0).clip(-0.4, 0.4)
    frames = np.full((length, 32, 32, 3), 30, dtype=np.uint8)
    for frame, (x, y) in zip(frames, (16 + 24 * places).astype(int), strict=True):
        frame[max(y - 4, 0) : y + 4, max(x - 4, 0) : x + 4] = 220
    states = np.zeros((length, 7))
    states[:, :2] = places
    extrinsics = np.full((length, 6), 0.5)
    return Recording(frames, states, 4.0, extrinsics=extrinsics)


@pytest.fixture
def tiny() -> Dimensions:
    """Sizes that a test can afford."""
    return TINY


@pytest.fixture
def tiny_settings() -> dict[str, Any]:
    """Settings of a short post-training, as a YAML file has them."""
    return {
        "dimensions": asdict(TINY),
        "clips": {"frames": 3},
        "held_out": 0.2,
        "validation_clips": 8,
        "cache_features": True,
        "engine": {
            "batch": 8,
            "schedule": {"steps": 6, "peak": 1e-3, "warmup": 2, "decay": 2},
            "precision": "fp32",
            "device": "cpu",
            "workers": 0,
            "report_every": 1,
            "validate_every": 3,
            "checkpoint_every": 2,
        },
    }


@pytest.fixture(scope="session")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of the DROID layout: 16 episodes of 10 frames."""
    root = tmp_path_factory.mktemp("squares")
    random = np.random.default_rng(0)
    for number in range(16):
        write_episode(moving_square(10, random), root / f"episode_{number:02d}")
    return root


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the encoder of a fresh tiny world model."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("encoder") / "tiny.safetensors"
    save_world_model(WorldModel(TINY), path, torch.float32)
    return path
